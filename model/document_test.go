package model

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestUnfoldDocuments shows where a realm's representation keeps what is a
// part of a document, a bare map, or a text inside a component.
func TestUnfoldDocuments(t *testing.T) {
	var rep Object
	err := json.Unmarshal([]byte(`{"realm": "acme",
		"localizationTexts": {"de": {"a": "", "b": 1}},
		"clientProfiles": {"profiles": [{"name": "p", "executors": [{"executor": "x"}]}], "globalProfiles": [{"name": "g"}]},
		"components": {
			"org.keycloak.userprofile.UserProfileProvider": [{"config": {"kc.user.profile.config": ["{\"attributes\":[{\"name\":\"a\",\"required\":{},\"multivalued\":false,\"validations\":{\"email\":{}}}]}"]}}],
			"other": [{}]}}`), &rep)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range Unfold(Realm, "", rep, "") {
		fields, _ := json.Marshal(f.Fields)
		got[string(f.Addr)+" "+f.At] = string(fields)
	}
	want := map[string]string{
		"realm ":                                `{"realm":"acme"}`,
		"localization/de /localizationTexts/de": `{"locale":"de","texts":{"a":"","b":"1"}}`,
		"client-profile/p /clientProfiles/profiles/0":                                                           `{"executors":[{"configuration":{},"executor":"x"}],"name":"p"}`,
		"user-profile /components/org.keycloak.userprofile.UserProfileProvider/0/config/kc.user.profile.config": `{"attributes":[{"name":"a","required":{},"validations":{"email":{}}}]}`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestListing(t *testing.T) {
	for _, tc := range []struct{ kind, answer, want string }{
		{"client-profile", `{"profiles": [{"name": "a"}], "globalProfiles": [{"name": "b"}]}`, "client-profile/a client-profile/b(fixed)"},
		{"client-policy", `{"policies": []}`, ""},
		{"localization", `["de", "x/y"]`, "localization/de localization/x%2Fy"},
		{"user-profile", `{"attributes": []}`, "user-profile"},
		{"role", `[{"name": "r"}]`, "role/r"},
	} {
		k := Lookup(tc.kind)
		var answer any
		if err := json.Unmarshal([]byte(tc.answer), &answer); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range k.Listing(k.Place(""), answer) {
			m, _ := mapOf(e)
			it := Unfold(k, "", m, "")[0].Item
			s := string(it.Addr)
			if it.Builtin {
				s += "(fixed)"
			}
			got = append(got, s)
		}
		if got := strings.Join(got, " "); got != tc.want {
			t.Errorf("%s: %s: got %s, want %s", tc.kind, tc.answer, got, tc.want)
		}
	}
}
