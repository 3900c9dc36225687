package model

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

var userFederation = &Kind{
	Name:   "user-federation",
	Doc:    "A directory outside of Keycloak, such as LDAP or Kerberos, from which users of the realm come.",
	Class:  "ComponentRepresentation",
	Folder: "user-federation",
	Places: []Place{componentPlace(userStorageType)},
	Const:  Object{"providerType": userStorageType},
	Key:    "name",
	OwnID:  true,
	// Users that a file holds are the realm's own. With a directory that can be
	// written, the server would try to make them there.
	NewAfter: []string{"user"},
	Overrules: func(o Object) []Overrule {
		if configText(o, "useTruststoreSpi") != "ldapsOnly" {
			return nil
		}
		return []Overrule{{Field: "config", Key: "useTruststoreSpi", Value: "always", Before: "24.0", Dated: true, Why: "only ldaps:// uses a truststore since Keycloak 24"}}
	},

	Variant: "providerId",
	Fields: componentFields(Fields{
		short("name").required(),
		providerID(),
		config("config").hides().configOf("providerId",
			// All providers have these; only some describe them.
			"enabled", "priority", "importEnabled", "fullSyncPeriod", "changedSyncPeriod", "batchSizeForSync",
			"cachePolicy", "maxLifespan", "evictionDay", "evictionHour", "evictionMinute").
			entry(whole(math.MinInt32).broken("the server would take it, and beside another directory let nobody sign in"), "priority").
			entry(oneOf("READ_ONLY", "WRITABLE", "UNSYNCED").of("ldap"), "editMode").
			entry(oneOf("READ_ONLY", "WRITABLE", "UNSYNCED").broken(noLookup).of("kerberos"), "editMode").
			entry(Value{}.needed().of("ldap"), "editMode").
			entry(whole(math.MinInt32).broken(noLookup).of("ldap"), "searchScope").
			entry(whole(math.MinInt32).of("ldap"), "fullSyncPeriod", "changedSyncPeriod").
			entry(whole(math.MinInt32).of("ldap"), "connectionTimeout", "readTimeout").
			entry(ldapFilter.of("ldap"), "customUserSearchFilter").
			entry(Value{Like: regexp.MustCompile(`(?i)^\s*ldaps?://`), Want: "a URL that begins with ldap:// or ldaps://"}.broken(noLookup).needed().of("ldap"), "connectionUrl").
			secretKeys("bindCredential").computedKeys("lastSync"),
	}),
	Fills: func(o Object) Object {
		if name := krbPrincipal(o); name != "" {
			return Object{"config": map[string]any{"krbPrincipalAttribute": name}}
		}
		return nil
	},
	Unlike: func(o Object, file File) []Problem {
		config, _ := mapOf(o["config"])
		name := krbPrincipal(o)
		if _, said := config["krbPrincipalAttribute"]; said || name == "" || !file.New {
			return nil
		}
		return []Problem{{Pointer: "/config", Summary: "config.krbPrincipalAttribute is not said: it is " + name + ", as the server fills it in; Keycloak's own import leaves it out"}}
	},
	Fits: lookedUp,
	Sways: []Sway{
		{Kind: authenticationFlow.Name, By: swayKerberos},
		{Kind: "user-federation-mapper", By: swayUsername},
	},
	Loses: "the users imported from it, with their role mappings, groups, credentials, consents and offline sessions",
	Impact: func(before, after Object, _ string) []string {
		var out []string
		if configText(before, "enabled") != "false" && configText(after, "enabled") == "false" {
			out = append(out, "users that come from it can no longer sign in")
		}
		return out
	},
}

// noLookup is what becomes of a realm with a directory in which nobody can be looked
// up.
const noLookup = "the server would take it, and fail whenever it looks for somebody"

// lookedUp tells that a directory lets nobody be looked up, nor made: where it has
// no place for users the server fails, not the directory alone.
func lookedUp(whole Object, _ func(kind, key string) Object) []Problem {
	place := configText(whole, "usersDn")
	if whole["providerId"] != "ldap" || strings.Contains(place, "=") || configText(whole, "enabled") == "false" {
		return nil
	}
	if place != "" {
		return []Problem{{Warning: true, Pointer: Pointer("config", "usersDn"), Summary: "config.usersDn " + shown(place) + " is no distinguished name: the server fails (500) when it looks for somebody",
			Detail: "write one, as in ou=people,dc=example"}}
	}
	return []Problem{{Warning: true, Pointer: "/config", Summary: "an LDAP directory without usersDn lets nobody sign in, and no user be made: the server fails (500) when it looks for one",
		Detail: "add config.usersDn"}}
}

// swayKerberos tells what becomes of the steps by which people sign in with
// Kerberos, in all flows: the server switches them on along with a directory that
// offers it, and off again.
func swayKerberos(before, after Object) (does string, sway func(Object) Object) {
	type offer int
	const (
		none   offer = iota
		some         // by LDAP, which may or may not
		always       // each write of a Kerberos directory switches them on
	)
	of := func(o Object) offer {
		switch {
		case o["providerId"] == "kerberos":
			return always
		case o["providerId"] == "ldap" && strings.EqualFold(configText(o, "allowKerberosAuthentication"), "true"):
			return some
		}
		return none
	}
	was, is := of(before), of(after)
	const step = "auth-spnego"
	switch {
	case is == always, is == some && was == none:
		return "switches " + step + " on", func(o Object) Object { return require(o, step, disabled, alternative) }
	case was == none || was == is:
		return "", nil
	case after == nil:
		return "switches " + step + " off", func(o Object) Object { return require(o, step, "", disabled) }
	}
	return "switches " + step + " off", func(o Object) Object { return require(o, step, alternative, disabled) }
}

// swayUsername tells that the mapper of the name username follows the attribute
// that the directory has for it, whatever it had itself.
func swayUsername(before, after Object) (does string, sway func(Object) Object) {
	const attribute = "usernameLDAPAttribute"
	now := configText(after, attribute)
	if before == nil || after == nil || configText(before, attribute) == now {
		return "", nil
	}
	return "puts the new " + attribute, func(o Object) Object {
		config, ok := mapOf(o["config"])
		if o["name"] != "username" || !ok {
			return o
		}
		config = maps.Clone(config)
		config["ldap.attribute"] = now
		o = maps.Clone(o)
		o["config"] = config
		return o
	}
}

// ofGroups recognizes the mappers of a directory's groups.
func ofGroups(o, _ Object) bool { return o["providerId"] == "group-ldap-mapper" }

// ofBinary recognizes the mappers of what is no text.
func ofBinary(o, _ Object) bool {
	config, _ := mapOf(o["config"])
	return o["providerId"] == "user-attribute-ldap-mapper" && config["is.binary.attribute"] == "true"
}

var userFederationMapper = &Kind{
	Name:  "user-federation-mapper",
	Doc:   "A rule that copies something between an LDAP directory's entries and the users, groups and roles of the realm.",
	Class: "ComponentRepresentation",
	Places: []Place{{
		Parent: "user-federation",
		Path:   "components",
		List:   "components?type=" + ldapMapperType + "&parent={parentId}",
		Each:   true,
		In:     "mappers",
		Also:   []string{"subComponents", ldapMapperType},
		Base:   true,
		Right:  "realm",
	}},
	Const:    Object{"providerType": ldapMapperType},
	Key:      "name",
	Item:     "components/{id}",
	Part:     true,
	OwnID:    true,
	ParentID: "parentId",
	Spawns:   ldapMappers,
	Canon:    canonLDAPMapper,
	Imports: []Import{
		{Field: "config", Key: "decode.group.uuid.attribute", Value: "false", Before: "26.7", Of: ofGroups,
			Why: "until Keycloak 26.6 groups had the ids of their entries as they are in the directory"},
		{Field: "config", Key: "binary.attribute.decoder", Value: "base64", Before: "26.7", Of: ofBinary,
			Why: "until Keycloak 26.6 what is binary was always in base64"},
	},
	// What gives users a role or group asks for it when it is made.
	After: []string{"role", "group"},

	Variant: "providerId",
	Fields: componentFields(Fields{
		short("name").required(),
		providerID(),
		config("config").configOf("providerId").refers("group", "group", "groups.path").firmly("role", "group", "groups.path").hides().
			entry(Value{}.needed().of("user-attribute-ldap-mapper", "certificate-ldap-mapper"), "ldap.attribute").
			entry(Value{}.needed().of("user-attribute-ldap-mapper", "certificate-ldap-mapper", "hardcoded-attribute-mapper"), "user.model.attribute").
			entry(Value{}.needed().of("hardcoded-attribute-mapper"), "attribute.value").
			entry(Value{}.needed().of("full-name-ldap-mapper"), "ldap.full.name.attribute").
			entry(Value{}.needed().of("hardcoded-ldap-attribute-mapper"), "ldap.attribute.name", "ldap.attribute.value").
			entry(Value{}.needed().of("hardcoded-ldap-role-mapper"), "role").
			entry(Value{}.needed().of("hardcoded-ldap-group-mapper"), "group").
			entry(Value{}.needed().of("group-ldap-mapper"), "groups.dn").
			entry(Value{}.needed().of("role-ldap-mapper"), "roles.dn").
			entry(Value{}.needed().of("group-ldap-mapper", "role-ldap-mapper"), "mode").
			entry(oneOf("LDAP_ONLY", "READ_ONLY", "IMPORT").broken(noDirectory).of("group-ldap-mapper", "role-ldap-mapper"), "mode").
			entry(oneOf("DN", "UID").broken(noDirectory).of("group-ldap-mapper", "role-ldap-mapper"), "membership.attribute.type").
			entry(ldapFilter.of("group-ldap-mapper"), "groups.ldap.filter").
			entry(ldapFilter.of("role-ldap-mapper"), "roles.ldap.filter"),
	}),
	Refuses:   mapsNothing,
	Unmanaged: []string{"subComponents"},
}

// noDirectory is what becomes of a directory one of whose mappers the server
// cannot read.
const noDirectory = "the server would take it, and let nobody from the directory sign in"

// ldapFilter is what a directory is searched by.
var ldapFilter = Value{Like: regexp.MustCompile(`^\s*\((?s:.*)\)\s*$`), Want: "an LDAP filter in parentheses"}

// mapsNothing tells the settings of a mapper that exclude each other, or the
// directory's.
func mapsNothing(o, _ Object, other func(kind, key string) Object, _ Server) []Problem {
	is := func(key string) bool { return strings.EqualFold(configText(o, key), "true") }
	wrong := func(key, summary string) []Problem {
		return []Problem{{Pointer: Pointer("config", key), Summary: "config." + key + " " + summary}}
	}
	switch id := o["providerId"]; {
	case (id == "user-attribute-ldap-mapper" || id == "certificate-ldap-mapper") && is("is.binary.attribute") && !is("always.read.value.from.ldap"):
		return wrong("is.binary.attribute", "needs always.read.value.from.ldap: true")
	case id == "certificate-ldap-mapper" && is("is.der.formatted") && !is("is.binary.attribute"):
		return wrong("is.der.formatted", "needs is.binary.attribute: true")
	case id == "full-name-ldap-mapper" && is("read.only") && is("write.only"):
		return wrong("write.only", "excludes read.only: true")
	case id == "full-name-ldap-mapper" && is("write.only") && configText(other("", ""), "editMode") != "WRITABLE":
		return wrong("write.only", "needs a directory of editMode: WRITABLE")
	case id == "hardcoded-attribute-mapper" && slices.Contains([]string{"username", "email"}, strings.ToLower(configText(o, "user.model.attribute"))):
		return wrong("user.model.attribute", "must be another than username and email")
	case id == "group-ldap-mapper" && configText(o, "membership.attribute.type") == "UID" && is("preserve.group.inheritance"):
		return wrong("preserve.group.inheritance", "excludes membership.attribute.type: UID")
	case id == "role-ldap-mapper" && !is("use.realm.roles.mapping") && configText(o, "client.id") == "":
		return []Problem{{Pointer: "/config", Summary: "config needs use.realm.roles.mapping: true, or client.id, the client that has the roles"}}
	}
	return nil
}

// canonLDAPMapper leaves out that groups stand below no other: whenever a
// mapper of groups is written, the server says so where nobody says otherwise.
func canonLDAPMapper(o Object) Object {
	if config, ok := mapOf(o["config"]); ok && o["providerId"] == "group-ldap-mapper" && config["groups.path"] == "/" {
		config = maps.Clone(config)
		config["groups.path"] = ""
		o["config"] = config
	}
	return o
}

// ldapMappers returns the mappers that the server makes along with an LDAP
// provider. They depend on the vendor, on whether users can be written, and
// on the attributes that hold the names.
func ldapMappers(provider Object, _ string) []Object {
	if provider["providerId"] != "ldap" {
		return nil
	}
	activeDirectory := configText(provider, "vendor") == "ad"
	mode := configText(provider, "editMode")
	username := configText(provider, "usernameLDAPAttribute")
	if username == "" {
		username = "uid"
		if activeDirectory {
			username = "cn"
		}
	}
	rdn := configText(provider, "rdnLDAPAttribute")
	if rdn == "" {
		rdn = username
	}
	flag := func(b bool) string {
		if b {
			return "true"
		}
		return "false"
	}
	readOnly, fromLDAP := flag(mode != "WRITABLE"), flag(mode != "UNSYNCED")
	attribute := func(name, user, ldap, readOnly, fromLDAP string, mandatory bool) Object {
		return Object{"name": name, "providerId": "user-attribute-ldap-mapper", "config": map[string]any{
			"user.model.attribute": user, "ldap.attribute": ldap, "read.only": readOnly,
			"always.read.value.from.ldap": fromLDAP, "is.mandatory.in.ldap": flag(mandatory),
		}}
	}
	created, modified := "createTimestamp", "modifyTimestamp"
	if activeDirectory {
		created, modified = "whenCreated", "whenChanged"
	}
	out := []Object{
		attribute("username", "username", username, readOnly, "false", true),
		attribute("last name", "lastName", "sn", readOnly, fromLDAP, true),
		attribute("email", "email", "mail", readOnly, "false", false),
		attribute("creation date", "createTimestamp", created, "true", fromLDAP, false),
		attribute("modify date", "modifyTimestamp", modified, "true", fromLDAP, false),
		{"name": "Kerberos principal attribute mapper", "providerId": "kerberos-principal-attribute-mapper", "config": map[string]any{}},
	}
	byCN := strings.EqualFold(username, "cn")
	switch {
	case !strings.EqualFold(rdn, "cn"):
		out = append(out, attribute("first name", "firstName", "cn", readOnly, fromLDAP, true))
	case byCN || mode == "WRITABLE":
		out = append(out, attribute("first name", "firstName", "givenName", readOnly, fromLDAP, true))
		if !byCN {
			out = append(out, attribute("username-cn", "username", "cn", readOnly, "false", true))
		}
	default:
		out = append(out, Object{"name": "full name", "providerId": "full-name-ldap-mapper", "config": map[string]any{
			"ldap.full.name.attribute": "cn", "read.only": readOnly, "write.only": "false",
		}})
	}
	if activeDirectory {
		out = append(out, Object{"name": "MSAD account controls", "providerId": "msad-user-account-control-mapper",
			"config": map[string]any{"always.read.enabled.value.from.ldap": "true"}})
	}
	return out
}

// krbPrincipal returns the attribute of a directory by which the server finds those
// who sign in by Kerberos, where nobody says it; "" for what is no LDAP.
func krbPrincipal(o Object) string {
	if o["providerId"] != "ldap" {
		return ""
	}
	switch configText(o, "vendor") {
	case "ad":
		return "userPrincipalName"
	case "rhds":
		return "krbPrincipalName"
	}
	return "krb5PrincipalName"
}
