package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/javaregexp"
)

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
			entry(oneOf("IMPORT", "FORCE", "LEGACY").broken(noSecondLogin), "syncMode").
			entry(javaPatternWith("filteredByClaim").broken(noLogin).of("oidc", "keycloak-oidc"), "claimFilterValue").
			entry(aURL.of("oidc", "keycloak-oidc"), "authorizationUrl", "tokenUrl", "logoutUrl", "userInfoUrl", "jwksUrl").
			entry(aURL.of("saml"), "singleSignOnServiceUrl", "singleLogoutServiceUrl", "artifactResolutionServiceUrl", "metadataDescriptorUrl"),
		str("internalId").computed(),
		set("types").since("26.5").computed(),
		str("organizationId").computed(),
	},
	Impact: func(before, after Object, _ string) []string {
		return rebound(before, after, "firstBrokerLoginFlowAlias", sentByProvider)
	},
	Claims:  issuerOfOne,
	Refuses: unverified,
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

// unverified tells what the configuration of a provider promises and has not got.
func unverified(o, _ Object, _ func(kind, key string) Object, server Server) []Problem {
	is := func(key string) bool { return strings.EqualFold(configText(o, key), "true") }
	var out []Problem
	needs := func(why, key string) {
		if !hasEntry(o, key) {
			out = append(out, Problem{Pointer: "/config", Summary: "config with " + why + " needs " + key})
		}
	}
	provider, _ := o["providerId"].(string)
	switch openID := provider == "oidc" || provider == "keycloak-oidc"; {
	case openID:
		for _, key := range []string{"validateSignature", "jwtAuthorizationGrantEnabled", "supportsClientAssertions"} {
			switch {
			case !is(key) || !HasVersion(server.Version, "26.5"):
			case is("useJwksUrl"):
				needs(key+" and useJwksUrl", "jwksUrl")
			default:
				needs(key+", and without useJwksUrl,", "publicKeySignatureVerifier")
			}
		}
	case provider == "saml" && is("useMetadataDescriptorUrl"):
		needs("useMetadataDescriptorUrl", "metadataDescriptorUrl")
	case provider == "oauth2":
		needs("oauth2", "userInfoUrl")
	case provider == "jwt-authorization-grant":
		needs("jwt-authorization-grant", "issuer")
	}
	if method := configText(o, "pkceMethod"); provider != "saml" && is("pkceEnabled") && method != "S256" && method != "plain" {
		out = append(out, Problem{Pointer: Pointer("config", "pkceEnabled"), Summary: "config with pkceEnabled needs pkceMethod S256 or plain"})
	}
	return out
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
		dict("config").configOf("identityProviderMapper", "syncMode").
			entry(oneOf("IMPORT", "FORCE", "LEGACY", "INHERIT").broken(noSecondLogin), "syncMode").
			entry(pairs.of("oidc-advanced-group-idp-mapper", "oidc-advanced-role-idp-mapper", "oidc-user-session-note-idp-mapper"), "claims").
			entry(pairs.of("saml-advanced-group-idp-mapper", "saml-advanced-role-idp-mapper"), "attributes").
			entry(Value{Harm: noLogin}.needed().of("oidc-role-idp-mapper", "oidc-user-attribute-idp-mapper"), "claim").
			entry(Value{Harm: noLogin}.needed().of("oidc-role-idp-mapper"), "claim.value").
			entry(Value{Harm: noLogin}.needed().of("oidc-username-idp-mapper", "saml-username-idp-mapper"), "template").
			entry(Value{Harm: noLogin}.needed().of("saml-xpath-attribute-idp-mapper"), "attribute.xpath").
			entry(Value{Harm: noSecondLogin}.needed().of("hardcoded-attribute-idp-mapper"), "attribute"),
		str("id").computed(),
		str("identityProviderAlias").computed(),
	},
	Check: wrongPatterns,
	Fits:  ofAnother,
}

// ofAnother tells a mapper that does not fit what its provider sends. Of providers
// that are not Keycloak's own nothing is known.
func ofAnother(whole Object, other func(kind, key string) Object) []Problem {
	mapper, _ := whole["identityProviderMapper"].(string)
	provider, _ := other("", "")["providerId"].(string)
	saml, openID := provider == "saml", provider == "oidc" || provider == "keycloak-oidc"
	problem := Problem{Pointer: "/identityProviderMapper", Summary: mapper + " is no mapper of a provider of type " + provider, Detail: noLogin}
	switch {
	case strings.HasPrefix(mapper, "saml-") && openID,
		mapper == "keycloak-oidc-role-to-role-idp-mapper" && provider == "oidc":
		return []Problem{problem}
	case saml && slices.Contains([]string{"oidc-advanced-group-idp-mapper", "oidc-advanced-role-idp-mapper", "oidc-role-idp-mapper",
		"oidc-user-attribute-idp-mapper", "oidc-user-session-note-idp-mapper", "oidc-username-idp-mapper"}, mapper):
		problem.Warning, problem.Detail = true, "there are no claims in what such a provider sends"
		return []Problem{problem}
	}
	return nil
}

// What becomes of people whom an identity provider sends, where the server cannot
// read how a mapper of the provider is configured.
const (
	noLogin       = "the server would take it, and let nobody sign in by the identity provider"
	noSecondLogin = "the server would take it, and let nobody sign in by the identity provider a second time"
)

// pairs are names and values, as a text.
var pairs = Value{Test: func(text string) bool { _, ok := pairsIn(text); return ok },
	Want: `a JSON list of names and values, as in [{"key": "department", "value": "sales"}]`, Harm: noLogin}

// pairsIn returns the values in such a text.
func pairsIn(text string) (values []string, ok bool) {
	var list []struct{ Key, Value any }
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, false
	}
	for _, e := range list {
		key, _ := textOf(e.Key).(string)
		value, isText := textOf(e.Value).(string)
		if e.Key == nil || e.Value == nil || key == "" || !isText {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

// wrongPatterns tells the values of names and values that are to be regular
// expressions and are none.
func wrongPatterns(o Object) []Problem {
	var out []Problem
	for key, by := range map[string]string{"claims": "are.claim.values.regex", "attributes": "are.attribute.values.regex"} {
		if configText(o, by) != "true" {
			continue
		}
		values, _ := pairsIn(configText(o, key))
		for _, v := range values {
			if why := javaregexp.Wrong(v); why != "" {
				out = append(out, Problem{Pointer: Pointer("config", key), Summary: fmt.Sprintf("config.%s holds %s, which is no regular expression: %s", key, shown(v), why), Detail: noLogin})
			}
		}
	}
	return out
}
