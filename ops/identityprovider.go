package ops

import (
	"context"
	"fmt"

	"github.com/kcsync/kcsync/keycloak"
)

// ImportConfig lets the server read the metadata at an address, and tells the settings that an identity provider of a
// type, such as oidc or saml, would have by it. Nothing is stored.
func (r Realm) ImportConfig(ctx context.Context, provider, address string) (Object, error) {
	res, err := r.client.Do(ctx, keycloak.Request{
		Method: "POST", Path: r.path("identity-provider", "import-config"), Repeatable: true,
		Body: Object{"providerId": provider, "fromUrl": address},
	})
	if err != nil {
		return nil, err
	}
	var config Object
	return config, res.Decode(&config)
}

// ReloadKeys lets the server fetch the keys of an identity provider again.
func (r Realm) ReloadKeys(ctx context.Context, alias string) (*Deed, error) {
	var p Object
	err := r.get(ctx, nil, &p, "identity-provider", "instances", alias)
	if keycloak.IsStatus(err, 404) {
		return nil, &NotFoundError{Realm: r.name, Kind: "identity provider", Name: alias}
	}
	if err != nil {
		return nil, err
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("lets the server fetch the keys of identity provider %s of realm %s again", alias, r.name)},
		Do: func(ctx context.Context) (Result, error) {
			var reloaded bool
			if err := r.get(ctx, nil, &reloaded, "identity-provider", "instances", alias, "reload-keys"); err != nil {
				return Result{}, err
			}
			if !reloaded {
				return Result{}, fmt.Errorf("the server fetched no keys: the provider names no address of keys, or it did so less than a few seconds ago")
			}
			return Result{Done: "fetched the keys of " + alias}, nil
		},
	}, nil
}
