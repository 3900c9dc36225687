package ops

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lockout tells what brute force detection holds against a user.
func (r Realm) Lockout(ctx context.Context, username string) (*List, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	var s Object
	if err := r.get(ctx, nil, &s, "attack-detection", "brute-force", "users", text(u["id"])); err != nil {
		return nil, err
	}
	return &List{
		Columns: []string{"user", "locked", "failures", "temporaryLockouts", "lastFailure", "lastIPFailure"},
		Items: []Object{{
			"user": u["username"], "locked": s["disabled"], "failures": s["numFailures"],
			"temporaryLockouts": s["numTemporaryLockouts"], "lastFailure": millis(s["lastFailure"]), "lastIPFailure": s["lastIPFailure"],
		}},
	}, nil
}

// Unlock forgets what brute force detection holds against a user. A user that was locked for good is disabled, too:
// see [Realm.SetEnabled].
func (r Realm) Unlock(ctx context.Context, username string) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	effects := []string{fmt.Sprintf("forgets the failed sign-ins of user %s of realm %s", u["username"], r.name)}
	if u["enabled"] == false {
		effects = append(effects, "the user stays disabled")
	}
	return r.deed("DELETE", nil, nil, "unlocked "+text(u["username"]), effects,
		"attack-detection", "brute-force", "users", text(u["id"])), nil
}

// UnlockAll forgets what brute force detection holds against anybody.
func (r Realm) UnlockAll() *Deed {
	return r.deed("DELETE", nil, nil, "unlocked everybody",
		[]string{"forgets the failed sign-ins of all users of realm " + r.name + "; an attack under way starts from zero"},
		"attack-detection", "brute-force", "users")
}

// SetEnabled lets a user sign in, or keeps them from it. A disabled user's sessions end at their next request.
func (r Realm) SetEnabled(ctx context.Context, username string, enabled bool) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	word, effect := "enabled", "may sign in"
	if !enabled {
		word, effect = "disabled", "may not sign in any more"
	}
	name := text(u["username"])
	effects := []string{fmt.Sprintf("user %s of realm %s %s", name, r.name, effect)}
	if u["enabled"] == enabled {
		effects = append(effects, "that is so already")
	}
	// Only what changes is sent: attributes in a PUT replace all others and wipe the email address.
	return r.deed("PUT", nil, Object{"enabled": enabled}, word+" "+name, effects, "users", text(u["id"])), nil
}

// ResetPassword gives a user a new password. A temporary one has to be changed at the next sign-in. Sessions go on.
func (r Realm) ResetPassword(ctx context.Context, username, password string, temporary bool) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	name := text(u["username"])
	effects := []string{fmt.Sprintf("replaces the password of user %s of realm %s", name, r.name)}
	if temporary {
		effects = append(effects, "the user has to change it at the next sign-in")
	}
	if link := text(u["federationLink"]); link != "" {
		effects = append(effects, "the user comes from a federation: the password is written there, if it is writable")
	}
	effects = append(effects, "sessions go on; kcsync ops user logout ends them")
	return r.deed("PUT", nil, Object{"type": "password", "value": password, "temporary": temporary},
		"replaced the password of "+name, effects, "users", text(u["id"]), "reset-password"), nil
}

// A Mail asks for a mail with a link by which users do something about their account.
type Mail struct {
	Actions     []string      // required actions, such as UPDATE_PASSWORD; none: verify the email address
	ClientID    string        // the client to lead back to; may be empty
	RedirectURI string        // where to lead back to, one of the client's; needs ClientID
	Lifespan    time.Duration // how long the link works, to the second; 0: the realm's actionTokenGeneratedByAdminLifespan
}

// SendMail sends a user a mail.
func (r Realm) SendMail(ctx context.Context, username string, m Mail) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	settings, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	name, address := text(u["username"]), text(u["email"])
	smtp, _ := settings["smtpServer"].(map[string]any)
	switch {
	case address == "":
		return nil, fmt.Errorf("user %s of realm %s has no email address", name, r.name)
	case u["enabled"] == false:
		return nil, fmt.Errorf("user %s of realm %s is disabled; the server sends no mail to them", name, r.name)
	case text(smtp["host"]) == "":
		return nil, fmt.Errorf("realm %s has no mail server: declare smtpServer", r.name)
	case m.RedirectURI != "" && m.ClientID == "":
		return nil, fmt.Errorf("an address to lead back to needs the client whose it is")
	}
	query := url.Values{}
	if m.ClientID != "" {
		query.Set("client_id", m.ClientID)
	}
	if m.RedirectURI != "" {
		query.Set("redirect_uri", m.RedirectURI)
	}
	lifespan := "the realm's usual time"
	seconds := int64(m.Lifespan / time.Second)
	if seconds > 0 {
		query.Set("lifespan", strconv.FormatInt(seconds, 10))
	} else if n := number(settings["actionTokenGeneratedByAdminLifespan"]); n > 0 {
		seconds = n
	}
	if seconds > 0 {
		lifespan = (time.Duration(seconds) * time.Second).String()
	}
	what, last, body := "verify the address", "send-verify-email", any(nil)
	if len(m.Actions) > 0 {
		what, last, body = strings.Join(m.Actions, ", "), "execute-actions-email", m.Actions
	}
	return r.deed("PUT", query, body, "sent a mail to "+address,
		[]string{fmt.Sprintf("sends %s a mail for user %s of realm %s: %s", address, name, r.name, what), "its link works for " + lifespan},
		"users", text(u["id"]), last), nil
}

// Consents lists to which clients a user has given consent, and which hold an offline token.
func (r Realm) Consents(ctx context.Context, username string) (*List, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	var found []Object
	if err := r.get(ctx, nil, &found, "users", text(u["id"]), "consents"); err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"client", "scopes", "offlineToken", "created", "updated"}}
	for _, c := range found {
		var scopes []string
		list, _ := c["grantedClientScopes"].([]any)
		for _, s := range list {
			scopes = append(scopes, text(s))
		}
		slices.Sort(scopes)
		grants, _ := c["additionalGrants"].([]any)
		out.Items = append(out.Items, Object{
			"client": c["clientId"], "scopes": strings.Join(scopes, ", "), "offlineToken": len(grants) > 0,
			"created": millis(c["createdDate"]), "updated": millis(c["lastUpdatedDate"]),
		})
	}
	return out, nil
}

// RevokeConsent takes back a user's consent to a client, together with the offline tokens that the client holds.
func (r Realm) RevokeConsent(ctx context.Context, username, clientID string) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	if _, err := r.findClient(ctx, clientID); err != nil {
		return nil, err
	}
	name := text(u["username"])
	return r.deed("DELETE", nil, nil, "revoked the consent",
		[]string{fmt.Sprintf("takes back the consent of user %s to client %s of realm %s, and the client's offline tokens", name, clientID, r.name)},
		"users", text(u["id"]), "consents", clientID), nil
}

// Credentials lists what a user can sign in with; never the secrets themselves.
func (r Realm) Credentials(ctx context.Context, username string) (*List, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	var found []Object
	if err := r.get(ctx, nil, &found, "users", text(u["id"]), "credentials"); err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"type", "label", "created", "id"}}
	for _, c := range found {
		out.Items = append(out.Items, Object{"type": c["type"], "label": c["userLabel"], "created": millis(c["createdDate"]), "id": c["id"]})
	}
	return out, nil
}

// DeleteCredential takes a credential from a user, such as the OTP device that was lost.
func (r Realm) DeleteCredential(ctx context.Context, username, id string) (*Deed, error) {
	l, err := r.Credentials(ctx, username)
	if err != nil {
		return nil, err
	}
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	for _, c := range l.Items {
		if c["id"] == id {
			what := strings.TrimSpace(text(c["type"]) + " " + text(c["label"]))
			return r.deed("DELETE", nil, nil, "deleted the credential",
				[]string{fmt.Sprintf("deletes a credential of user %s of realm %s: %s, created %s", username, r.name, what, c["created"])},
				"users", text(u["id"]), "credentials", id), nil
		}
	}
	return nil, &NotFoundError{r.name, "credential", id, "kcsync ops user credentials lists those of the user"}
}
