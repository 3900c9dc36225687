package model

import (
	"encoding/json"
	"regexp"
	"strings"
)

var protocolMapper = &Kind{
	Name:  "protocol-mapper",
	Doc:   "A rule that puts something about the user or session into tokens and assertions of a client or client scope.",
	Class: "ProtocolMapperRepresentation",
	Places: []Place{
		{Parent: "client-scope", Path: "{parent}/protocol-mappers/models", In: "protocolMappers", Inline: true, Inside: true, Right: "clients"},
		{
			Parent: "client", Path: "{parent}/protocol-mappers/models", In: "protocolMappers", Inline: true, Inside: true, Right: "clients",
			With:  "DOCKER",
			Given: []Object{{"name": dockerMapper, "protocol": "docker-v2", "protocolMapper": dockerMapper, "config": map[string]any{}}},
		},
	},
	Key:  "name",
	Item: "{parent}/protocol-mappers/models/{id}",
	// Created in bulk, because mappers inside a client's POST get
	// userinfo.token.claim filled in.
	Bulk:  "protocol-mappers/add-models",
	Part:  true,
	OwnID: true,
	Fields: Fields{
		short("name").required().immutable(),
		str("protocol").immutable().names("providers/login-protocol"),
		str("protocolMapper").required().ofNew().names("protocolMappers/{protocol}"),
		dict("config").configOf("protocolMapper").madeKeys("pairwiseSubAlgorithmSalt").
			refers("client", "clientId").firmly("clientId").
			entry(Value{Harm: noTokens}.needed().of("oidc-hardcoded-role-mapper", "oidc-role-name-mapper", "saml-role-name-mapper"), "role").
			entry(Value{Harm: noTokens}.needed().of("oidc-role-name-mapper"), "new.role.name").
			entry(Value{Harm: noTokens}.needed().of("oidc-usersessionmodel-note-mapper"), "user.session.note").
			entry(Value{Harm: noTokens}.needed().of("saml-user-session-note-mapper"), "note").
			entry(Value{Harm: noTokens}.needed().of("saml-user-attribute-nameid-mapper"), "user.attribute").
			entry(Value{}.needed().of("oid4vc-target-role-mapper"), "clientId").
			entry(aURL.of(pairwise), "sectorIdentifierUri"),
		str("id").computed(),
		boolean("consentRequired").computed(),
		str("consentText").computed(),
	},
	Derive: deriveMapper,
	Fits:   oneHost,
	Refuses: func(o, _ Object, _ func(kind, key string) Object, server Server) []Problem {
		if o["protocolMapper"] != "oidc-hardcoded-claim-mapper" || configText(o, "jsonType.label") != "JSON" || HasVersion(server.Version, "26.7") || isJSON(configText(o, "claim.value")) {
			return nil
		}
		return []Problem{{Pointer: Pointer("config", "claim.value"), Summary: "config.claim.value must be JSON, as jsonType.label says", Detail: noTokens}}
	},
	Complete: func(body, parent Object) {
		if body["protocol"] == nil {
			body["protocol"] = protocolOf(parent)
		}
	},
}

// dockerMapper lets clients of registries do what they ask for.
const dockerMapper = "docker-v2-allow-all-mapper"

// pairwise is the mapper by which each host knows users by another id.
const pairwise = "oidc-sha256-pairwise-sub-mapper"

// hosted is a redirect URI of which it is plain at which host it is.
var hosted = regexp.MustCompile(`^https?://([A-Za-z0-9.-]+)(:\d+)?(/|$)`)

// oneHost tells that there is no host, or more than one, by which a pairwise
// mapper could tell its client from others.
func oneHost(whole Object, other func(kind, key string) Object) []Problem {
	owner := other("", "")
	if whole["protocolMapper"] != pairwise || configText(whole, "sectorIdentifierUri") != "" || owner["clientId"] == nil {
		return nil
	}
	uris, _ := owner["redirectUris"].([]any)
	hosts, relative := map[string]bool{}, 0
	for _, e := range uris {
		uri, _ := e.(string)
		if strings.HasPrefix(uri, "/") {
			relative++
		} else if m := hosted.FindStringSubmatch(uri); m != nil {
			hosts[m[1]] = true
		}
	}
	const instead = "write config.sectorIdentifierUri, where the server finds a JSON list of the redirect URIs"
	switch {
	case len(hosts) > 1:
		return []Problem{{Pointer: "/protocolMapper", Summary: "the redirect URIs of its client are at several hosts: " + strings.Join(Keys(hosts), ", "), Detail: instead}}
	case len(uris) == relative && Zero(owner["rootUrl"]):
		return []Problem{{Pointer: "/protocolMapper", Summary: "its client has no redirect URI at a host", Detail: "give it one, or " + instead}}
	}
	return nil
}

// isJSON reports whether a text begins with a value in JSON, as the server reads it.
func isJSON(text string) bool {
	return text == "" || json.NewDecoder(strings.NewReader(text)).Decode(new(any)) == nil
}

// protocolOf returns the protocol of a client or client scope.
func protocolOf(o Object) any {
	if p, ok := o["protocol"].(string); ok && p != "" {
		return p
	}
	return "openid-connect"
}

// deriveMapper returns the protocol, which is the parent's, and two switches
// that OpenID Connect mappers take from others while they are absent: what
// goes into the ID token also goes to the user info endpoint, and what goes
// into the access token also to introspection.
func deriveMapper(o, parent, _ Object) Object {
	out := Object{"protocol": protocolOf(parent)}
	config, _ := mapOf(o["config"])
	derived := map[string]any{}
	for _, like := range [][2]string{{"userinfo.token.claim", "id.token.claim"}, {"introspection.token.claim", "access.token.claim"}} {
		if v, ok := config[like[1]]; ok {
			derived[like[0]] = v
		}
	}
	if len(derived) > 0 {
		out["config"] = derived
	}
	return out
}
