package ops

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const keyProvider = "org.keycloak.keys.KeyProvider"

// A realmKey is a key of the realm together with the provider that holds it.
type realmKey struct {
	key      Object // KeyMetadataRepresentation
	provider Object // the component
}

func (k realmKey) name() string    { return text(k.provider["name"]) }
func (k realmKey) priority() int64 { return number(k.key["providerPriority"]) }
func (k realmKey) signs() bool     { return k.key["use"] == "SIG" }

// keys returns the realm's keys, the one that signs before the others of its algorithm.
func (r Realm) keys(ctx context.Context) ([]realmKey, error) {
	var meta struct {
		Active map[string]string
		Keys   []Object
	}
	if err := r.get(ctx, nil, &meta, "keys"); err != nil {
		return nil, err
	}
	var components []Object
	if err := r.get(ctx, map[string][]string{"type": {keyProvider}}, &components, "components"); err != nil {
		return nil, err
	}
	byID := map[any]Object{}
	for _, c := range components {
		byID[c["id"]] = c
	}
	var out []realmKey
	for _, k := range meta.Keys {
		k["active"] = meta.Active[text(k["algorithm"])] == k["kid"]
		out = append(out, realmKey{k, byID[k["providerId"]]})
	}
	slices.SortStableFunc(out, func(a, b realmKey) int {
		if c := strings.Compare(text(a.key["algorithm"]), text(b.key["algorithm"])); c != 0 {
			return c
		}
		if a.key["active"] != b.key["active"] {
			if a.key["active"] == true {
				return -1
			}
			return 1
		}
		return int(b.priority() - a.priority())
	})
	return out, nil
}

// Keys lists the realm's keys: for each algorithm the active one, which signs or encrypts, and the others that still
// verify or decrypt.
func (r Realm) Keys(ctx context.Context) (*List, error) {
	keys, err := r.keys(ctx)
	if err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"algorithm", "use", "state", "priority", "provider", "type", "validTo", "kid"}}
	for _, k := range keys {
		state := strings.ToLower(text(k.key["status"]))
		if state == "active" && k.key["active"] != true {
			state = "standby" // would be used if the active one were gone
		}
		out.Items = append(out.Items, Object{
			"algorithm": k.key["algorithm"], "use": strings.ToLower(text(k.key["use"])), "state": state, "priority": k.priority(),
			"provider": k.name(), "type": k.provider["providerId"], "validTo": millis(k.key["validTo"]), "kid": k.key["kid"],
		})
	}
	return out, nil
}

// signing returns the keys of an algorithm that sign.
func (r Realm) signing(ctx context.Context, algorithm string) ([]realmKey, error) {
	all, err := r.keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []realmKey
	for _, k := range all {
		if k.signs() && k.key["algorithm"] == algorithm {
			out = append(out, k)
		}
	}
	return out, nil
}

// generators are the providers that make keys for signing, by the prefix of the algorithm.
var generators = map[string]string{"RS": "rsa-generated", "PS": "rsa-generated", "ES": "ecdsa-generated", "HS": "hmac-generated", "EdDSA": "eddsa-generated"}

func generator(algorithm string) (string, error) {
	for prefix, provider := range generators {
		if strings.HasPrefix(algorithm, prefix) {
			return provider, nil
		}
	}
	return "", fmt.Errorf("no key for algorithm %q can be made: it signs by RS, PS, ES, HS with 256, 384 or 512, or EdDSA", algorithm)
}

// AddKey is the first step of a rotation: a new key is made and published, but does not sign yet, so that those who
// verify tokens get to know it. Its provider is called name.
func (r Realm) AddKey(ctx context.Context, algorithm, name string) (*Deed, error) {
	provider, err := generator(algorithm)
	if err != nil {
		return nil, err
	}
	keys, err := r.signing(ctx, algorithm)
	if err != nil {
		return nil, err
	}
	settings, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	priority := int64(0)
	for _, k := range keys {
		if k.name() == name {
			return nil, fmt.Errorf("realm %s has a key provider %q already; give the new one another name", r.name, name)
		}
		if k.key["active"] == true {
			priority = k.priority() - 1
		}
	}
	cfg := Object{"priority": []string{strconv.FormatInt(priority, 10)}, "enabled": []string{"true"}, "active": []string{"true"}}
	switch provider {
	case "ecdsa-generated":
		curve := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[algorithm]
		if curve == "" {
			return nil, fmt.Errorf("no key for algorithm %q can be made; there are ES256, ES384 and ES512", algorithm)
		}
		cfg["ecdsaEllipticCurveKey"] = []string{curve}
	case "eddsa-generated":
	default:
		cfg["algorithm"] = []string{algorithm}
	}
	effects := []string{fmt.Sprintf("makes a key for %s in realm %s (provider %s, type %s, priority %d) and publishes it", algorithm, r.name, name, provider, priority)}
	if len(keys) > 0 {
		effects = append(effects, "it does not sign yet: once those who verify tokens know it (they read the realm's keys again when they meet an unknown one, or by their own schedule), make it sign with kcsync ops keys promote")
	} else {
		effects = append(effects, "it is the realm's first for this algorithm and signs at once what asks for it")
	}
	body := Object{"name": name, "providerId": provider, "providerType": keyProvider, "parentId": settings["id"], "config": cfg}
	return r.deed("POST", nil, body, "made key "+name, effects, "components"), nil
}

// tokenLife is how long what was signed can be good: sessions go on for this long by refresh tokens.
func tokenLife(settings Object) time.Duration {
	longest := int64(0)
	for _, k := range []string{"ssoSessionMaxLifespan", "ssoSessionMaxLifespanRememberMe", "clientSessionMaxLifespan"} {
		longest = max(longest, number(settings[k]))
	}
	return time.Duration(longest) * time.Second
}

// provided returns the one key of a provider among keys that sign, and the active key of its algorithm.
func (r Realm) provided(ctx context.Context, name string) (key realmKey, active realmKey, err error) {
	all, err := r.keys(ctx)
	if err != nil {
		return key, active, err
	}
	for _, k := range all {
		if k.signs() && k.name() == name {
			key = k
		}
	}
	if key.key == nil {
		return key, active, &NotFoundError{Realm: r.name, Kind: "key provider for signing", Name: name, Hint: "kcsync ops keys list shows them"}
	}
	for _, k := range all {
		if k.signs() && k.key["algorithm"] == key.key["algorithm"] && k.key["active"] == true {
			active = k
		}
	}
	return key, active, nil
}

// changeKey puts some settings of a key provider and leaves all others as they are.
func (r Realm) changeKey(k realmKey, settings map[string]string, done string, effects []string) *Deed {
	id := text(k.provider["id"])
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		var c Object
		if err := r.get(ctx, nil, &c, "components", id); err != nil {
			return Result{}, err
		}
		cfg, _ := c["config"].(map[string]any)
		if cfg == nil {
			cfg = Object{}
			c["config"] = cfg
		}
		for key, v := range settings {
			cfg[key] = []string{v}
		}
		return Result{Done: done}, r.send(ctx, "PUT", nil, c, nil, "components", id)
	}}
}

const declared = "where files declare the provider, give them the new setting: the next apply would undo this"

// PromoteKey is the second step of a rotation: the key signs from now on. The key that signed until now still verifies.
func (r Realm) PromoteKey(ctx context.Context, name string) (*Deed, error) {
	k, active, err := r.provided(ctx, name)
	if err != nil {
		return nil, err
	}
	switch {
	case k.key["active"] == true:
		return nil, fmt.Errorf("key %s of realm %s signs %s already", name, r.name, k.key["algorithm"])
	case k.key["status"] != "ACTIVE":
		return nil, fmt.Errorf("key %s of realm %s is %s: it was retired, or is disabled", name, r.name, strings.ToLower(text(k.key["status"])))
	}
	priority := active.priority() + 1
	return r.changeKey(k, map[string]string{"priority": strconv.FormatInt(priority, 10)}, name+" signs now", []string{
		fmt.Sprintf("key %s of realm %s signs %s from now on (priority %d)", name, r.name, k.key["algorithm"], priority),
		fmt.Sprintf("key %s still verifies: nobody is logged out", active.name()),
		declared,
	}), nil
}

// RetireKey is the third step of a rotation: the key never signs again, but still verifies what it signed.
func (r Realm) RetireKey(ctx context.Context, name string) (*Deed, error) {
	k, _, err := r.provided(ctx, name)
	if err != nil {
		return nil, err
	}
	if k.key["active"] == true {
		return nil, fmt.Errorf("key %s of realm %s signs %s now; promote another one first", name, r.name, k.key["algorithm"])
	}
	settings, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.changeKey(k, map[string]string{"active": "false"}, name+" is passive", []string{
		fmt.Sprintf("key %s of realm %s never signs again; what it signed is good until it expires", name, r.name),
		fmt.Sprintf("sessions of this realm last up to %s, offline tokens longer: remove the key only after that", tokenLife(settings)),
		declared,
	}), nil
}

// RemoveKey is the last step of a rotation: the key is deleted, and with it everything void that it signed.
func (r Realm) RemoveKey(ctx context.Context, name string) (*Deed, error) {
	k, _, err := r.provided(ctx, name)
	if err != nil {
		return nil, err
	}
	if k.key["status"] == "ACTIVE" {
		return nil, fmt.Errorf("key %s of realm %s may sign; retire it first (kcsync ops keys retire), and remove it when what it signed has expired", name, r.name)
	}
	settings, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.deed("DELETE", nil, nil, "removed key "+name, []string{
		fmt.Sprintf("deletes key %s (%s) of realm %s; this cannot be taken back", name, k.key["kid"], r.name),
		fmt.Sprintf("every token that it signed is void: sessions last up to %s here, offline tokens longer", tokenLife(settings)),
	}, "components", text(k.provider["id"])), nil
}
