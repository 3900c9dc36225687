package ops

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/kcsync/kcsync/keycloak"
)

// RotateSecret gives a client a new secret, made by the server; the result tells it. Where a client policy of the
// realm rotates secrets, the old one stays good for the time that the policy says.
func (r Realm) RotateSecret(ctx context.Context, clientID string) (*Deed, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	if c["publicClient"] == true || c["bearerOnly"] == true {
		return nil, fmt.Errorf("client %s of realm %s has no use for a secret: it is public or bearer-only", clientID, r.name)
	}
	return &Deed{
		Effects: []string{
			fmt.Sprintf("replaces the secret of client %s of realm %s", clientID, r.name),
			"whoever uses the old one can get no more tokens, unless a client policy of the realm rotates secrets",
			"where files declare the secret, give them the new one: the next apply would write the old one again",
		},
		Do: func(ctx context.Context) (Result, error) {
			var made Object
			err := r.send(ctx, "POST", nil, nil, &made, "clients", text(c["id"]), "client-secret")
			return Result{Done: "replaced the secret of " + clientID, Secret: text(made["value"])}, err
		},
	}, nil
}

// RevokeOldSecret makes the old secret void that a rotation left good for a while.
func (r Realm) RevokeOldSecret(ctx context.Context, clientID string) (*Deed, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	id := text(c["id"])
	var old Object
	err = r.get(ctx, nil, &old, "clients", id, "client-secret", "rotated")
	if keycloak.IsStatus(err, http.StatusNotFound) {
		return nil, fmt.Errorf("client %s of realm %s has no old secret that is still good", clientID, r.name)
	}
	if err != nil {
		return nil, err
	}
	return r.deed("DELETE", nil, nil, "the old secret of "+clientID+" is void",
		[]string{fmt.Sprintf("makes the old secret of client %s of realm %s void at once", clientID, r.name)},
		"clients", id, "client-secret", "rotated"), nil
}

// RotateRegistrationToken gives a client a new registration access token, by which it may change itself; the result
// tells it.
func (r Realm) RotateRegistrationToken(ctx context.Context, clientID string) (*Deed, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("makes a new registration access token for client %s of realm %s; the old one is void", clientID, r.name)},
		Do: func(ctx context.Context) (Result, error) {
			var made Object
			err := r.send(ctx, "POST", nil, nil, &made, "clients", text(c["id"]), "registration-access-token")
			return Result{Done: "made a new registration access token for " + clientID, Secret: text(made["registrationAccessToken"])}, err
		},
	}, nil
}

// A CertificateUse is what a client's certificate is for. Its value is the prefix of the attributes that hold it.
type CertificateUse string

// The uses that Keycloak 26 knows.
const (
	JWTCredential  CertificateUse = "jwt.credential"  // a client that signs its sign-in (private_key_jwt)
	SAMLSigning    CertificateUse = "saml.signing"    // a SAML client that signs its requests
	SAMLEncryption CertificateUse = "saml.encryption" // a SAML client to which assertions are encrypted
)

// replaces says which certificate a client has now.
func replaces(c Object, use CertificateUse) string {
	attributes, _ := c["attributes"].(map[string]any)
	if text(attributes[string(use)+".certificate"]) == "" {
		return "it has none now"
	}
	return "the one it has now is replaced: what is signed with its key is refused from then on"
}

// A KeyStore says how to pack a generated key: in a file that only holds the key, which the server then forgets.
type KeyStore struct {
	Format        string // PKCS12, JKS or BCFKS
	KeyAlias      string
	KeyPassword   string
	StorePassword string
}

// GenerateCertificate lets the server make a key pair and certificate for a client. The result's File is a key store
// with the private key, which the server does not keep.
func (r Realm) GenerateCertificate(ctx context.Context, clientID string, use CertificateUse, k KeyStore) (*Deed, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	body := Object{"format": k.Format, "keyAlias": k.KeyAlias, "keyPassword": k.KeyPassword, "storePassword": k.StorePassword}
	return &Deed{
		Effects: []string{
			fmt.Sprintf("makes a key pair and certificate (%s) for client %s of realm %s; %s", use, clientID, r.name, replaces(c, use)),
			"the server keeps the certificate; the private key is in the key store alone",
		},
		Do: func(ctx context.Context) (Result, error) {
			res, err := r.client.Do(ctx, keycloak.Request{
				Method: "POST", Path: r.path("clients", text(c["id"]), "certificates", string(use), "generate-and-download"),
				Header: http.Header{"Accept": {"application/octet-stream"}}, Body: body,
			})
			if err != nil {
				return Result{}, err
			}
			return Result{Done: "made a certificate for " + clientID, File: res.Body}, nil
		},
	}, nil
}

// UploadCertificate gives a client a certificate that was made elsewhere. Format is "Certificate PEM", "Public Key PEM"
// or "JSON Web Key Set", as the server names them.
func (r Realm) UploadCertificate(ctx context.Context, clientID string, use CertificateUse, format string, file []byte) (*Deed, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.WriteField("keystoreFormat", format); err != nil {
		return nil, err
	}
	part, err := w.CreateFormFile("file", "certificate")
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(file); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("gives client %s of realm %s a certificate (%s); %s", clientID, r.name, use, replaces(c, use))},
		Do: func(ctx context.Context) (Result, error) {
			_, err := r.client.Do(ctx, keycloak.Request{
				Method: "POST", Path: r.path("clients", text(c["id"]), "certificates", string(use), "upload-certificate"),
				Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: form.Bytes(),
			})
			return Result{Done: "client " + clientID + " has the certificate"}, err
		},
	}, nil
}

// InitialAccess lists the initial access tokens of the realm, by which clients may register; never the tokens
// themselves, which are told only when they are made.
func (r Realm) InitialAccess(ctx context.Context) (*List, error) {
	var found []Object
	if err := r.get(ctx, nil, &found, "clients-initial-access"); err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"id", "created", "expires", "clients", "remaining"}}
	for _, t := range found {
		expires := "never"
		if n := number(t["expiration"]); n > 0 {
			expires = millis((number(t["timestamp"]) + n) * 1000)
		}
		out.Items = append(out.Items, Object{
			"id": t["id"], "created": millis(number(t["timestamp"]) * 1000), "expires": expires,
			"clients": t["count"], "remaining": t["remainingCount"],
		})
	}
	return out, nil
}

// CreateInitialAccess makes a token by which a number of clients may register themselves, for a time; 0 is for ever.
// The result tells the token.
func (r Realm) CreateInitialAccess(clients int, lifetime time.Duration) *Deed {
	until := "for ever"
	if lifetime > 0 {
		until = "for " + lifetime.String()
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("makes a token by which whoever has it may register %s in realm %s, %s", count(clients, "client"), r.name, until)},
		Do: func(ctx context.Context) (Result, error) {
			var made Object
			err := r.send(ctx, "POST", nil, Object{"count": clients, "expiration": int64(lifetime / time.Second)}, &made, "clients-initial-access")
			return Result{Done: "made initial access token " + text(made["id"]), Secret: text(made["token"])}, err
		},
	}
}

// DeleteInitialAccess makes an initial access token void, by the id that [Realm.InitialAccess] lists.
func (r Realm) DeleteInitialAccess(ctx context.Context, id string) (*Deed, error) {
	l, err := r.InitialAccess(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range l.Items {
		if t["id"] == id {
			return r.deed("DELETE", nil, nil, "the token is void",
				[]string{fmt.Sprintf("makes initial access token %s of realm %s void; %s could still be registered with it", id, r.name, count(int(number(t["remaining"])), "client"))},
				"clients-initial-access", id), nil
		}
	}
	return nil, &NotFoundError{Realm: r.name, Kind: "initial access token", Name: id, Hint: "kcsync ops initial-access list shows them"}
}
