package model

var identityProvider = &Kind{
	Name:   "identity-provider",
	Doc:    "Another server at which users of the realm can sign in.",
	Class:  "IdentityProviderRepresentation",
	Folder: "identity-providers",
	Places: []Place{{Path: "identity-provider/instances", Page: 100, In: "identityProviders", Base: true, Right: "identity-providers"}},
	Key:    "alias",
	ID:     "internalId",
	Item:   "identity-provider/instances/{key}",

	LocatedByKey: true,
	OwnID:        true,
	Variant:      "providerId",
	Examples:     []Object{{"providerId": "oidc"}, {"providerId": "saml"}, {"providerId": "google"}, {"providerId": "github"}},
	Fields: Fields{
		str("alias").takes(reservedWord).required().immutable(),
		short("displayName"),
		str("providerId").required().ofNew().immutable().names("identityProviders"),
		boolean("enabled").veiled(Veil{
			Shows: false, By: "organization", ID: "organizationId",
			While: func(organization Object) bool { return organization["enabled"] == false }, Is: "disabled",
		}),
		boolean("trustEmail"),
		boolean("storeToken"),
		boolean("addReadTokenRoleOnCreate"),
		boolean("authenticateByDefault"),
		boolean("linkOnly"),
		boolean("hideOnLogin"),
		str("firstBrokerLoginFlowAlias").ref("authentication-flow"),
		str("postBrokerLoginFlowAlias").ref("authentication-flow"),
		dict("config").secretKeys("clientSecret").
			entry(aURL.of("oidc", "keycloak-oidc"), "authorizationUrl", "tokenUrl", "logoutUrl", "userInfoUrl", "jwksUrl").
			entry(aURL.of("saml"), "singleSignOnServiceUrl", "singleLogoutServiceUrl", "artifactResolutionServiceUrl", "metadataDescriptorUrl"),
		str("internalId").computed(),
		set("types").since("26.5").computed(),
		str("organizationId").computed(),
	},
	Impact: func(before, after Object) []string {
		return rebound(before, after, "firstBrokerLoginFlowAlias", sentByProvider)
	},
	Claims: issuerOfOne,
	Fills: func(o Object) Object {
		if o["providerId"] != "kubernetes" {
			return nil
		}
		// Nobody signs in there; it vouches for clients that run in the cluster.
		return Object{"hideOnLogin": true, "config": map[string]any{"issuer": "https://kubernetes.default.svc.cluster.local"}}
	},
	Check: func(o Object) []Problem {
		if o["providerId"] != "kubernetes" || o["hideOnLogin"] != false {
			return nil
		}
		return []Problem{{Pointer: Pointer("hideOnLogin"), Summary: "hideOnLogin is always true of a kubernetes provider: nobody signs in there", Detail: "remove it"}}
	},
	// Taken and forgotten by the server.
	Unmanaged: []string{"updateProfileFirstLogin", "updateProfileFirstLoginMode"},
	Unfold:    hideOnLogin,
}

// issuerOfOne returns the issuer by which the server finds a provider, as far as
// it does: that of assertions with which clients sign in, and that of those
// which they exchange for tokens.
func issuerOfOne(o, _ Object) map[string]string {
	issuer := configText(o, "issuer")
	out := map[string]string{}
	if issuer == "" || o["enabled"] == false {
		return out
	}
	if o["providerId"] == "jwt-authorization-grant" || configText(o, "jwtAuthorizationGrantEnabled") == "true" {
		out["/config/issuer"] = "the issuer " + issuer + " of JWT authorization grants"
	}
	if o["providerId"] == "kubernetes" || configText(o, "supportsClientAssertions") == "true" {
		out["/config/supportsClientAssertions"] = "the issuer " + issuer + " of clients' assertions"
	}
	return out
}

// hideOnLogin moves what was a part of the configuration until Keycloak 25 to
// the field that it is now.
func hideOnLogin(rep Object) Object {
	const old = "hideOnLoginPage"
	config, _ := mapOf(rep["config"])
	hide, ok := config[old]
	if !ok {
		return rep
	}
	out, rest := Object{}, map[string]any{}
	for k, v := range rep {
		out[k] = v
	}
	for k, v := range config {
		if k != old {
			rest[k] = v
		}
	}
	out["config"] = rest
	if out["hideOnLogin"] == nil && !Zero(hide) {
		out["hideOnLogin"] = hide
	}
	return out
}

var identityProviderMapper = &Kind{
	Name:  "identity-provider-mapper",
	Doc:   "A rule that copies something from an identity provider's answer to the user.",
	Class: "IdentityProviderMapperRepresentation",
	Places: []Place{{
		Parent: "identity-provider",
		Path:   "{parent}/mappers",
		Each:   true,
		In:     "mappers",
		Flat:   "identityProviderMappers", FlatBy: "identityProviderAlias",
		Base: true,

		Right: "identity-providers",
	}},
	Key:         "name",
	Item:        "{parent}/mappers/{id}",
	Part:        true,
	OwnID:       true,
	ParentField: "identityProviderAlias",
	Fields: Fields{
		short("name").required(),
		str("identityProviderMapper").required().ofNew().names("components/org.keycloak.broker.provider.IdentityProviderMapper"),
		dict("config").configOf("identityProviderMapper", "syncMode"),
		str("id").computed(),
		str("identityProviderAlias").computed(),
	},
}
