package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		kind *Kind
		in   Object
		want Object
		why  string
	}{
		{client, Object{"enabled": "true"}, Object{"enabled": true}, "old exports quote booleans"},
		{Realm, Object{"accessTokenLifespan": "300"}, Object{"accessTokenLifespan": int64(300)}, "and numbers"},
		{Realm, Object{"accessTokenLifespan": 300.0}, Object{"accessTokenLifespan": int64(300)}, "JSON has no integers"},
		{client, Object{"redirectUris": []any{"b", "a", "b"}}, Object{"redirectUris": []any{"a", "b"}}, "redirect URIs are a set"},
		{client, Object{"redirectUris": "a"}, Object{"redirectUris": []any{"a"}}, "one member needs no list"},
		{client, Object{"redirectUris": nil}, Object{"redirectUris": nil}, "null asks for the default"},
		{client, Object{"attributes": map[string]any{"a": true, "b": 5, "realm_client": "false"}},
			Object{"attributes": map[string]any{"a": "true", "b": "5"}}, "attributes are text, the server's own are not compared"},
		{client, Object{"id": "x", "access": Object{"view": true}}, Object{}, "computed fields are gone"},
		{client, Object{"secret": "${env:A}"}, Object{"secret": Reference("${env:A}")}, "references stay unresolved"},
		{clientProfile, Object{"executors": []any{map[string]any{"executor": "x", "configuration": map[string]any{"a": []any{"${env:A}", 1.0}}}}},
			Object{"executors": []any{map[string]any{"executor": "x", "configuration": map[string]any{"a": []any{Reference("${env:A}"), int64(1)}}}}},
			"and that wherever in a value of any shape"},
		{Realm, Object{"webAuthnPolicySignatureAlgorithms": "${env:A}", "future": "${env:B}"},
			Object{"webAuthnPolicySignatureAlgorithms": []any{Reference("${env:A}")}, "future": Reference("${env:B}")}, "in lists, and in fields that nobody knows"},
		{client, Object{"futureField": []any{1.0}}, Object{"futureField": []any{int64(1)}}, "unknown fields survive"},
		{role, Object{"attributes": map[string]any{"a": "x", "b": []any{"2", "1"}}},
			Object{"attributes": map[string]any{"a": []any{"x"}, "b": []any{"1", "2"}}}, "the server reads attribute values in no order"},
		{group, Object{"attributes": map[string]any{"a": []any{"b", "a", "b"}}},
			Object{"attributes": map[string]any{"a": []any{"a", "b", "b"}}}, "but each as often as it was written"},
		{role, Object{"attributes": map[string]any{"a": []any{nil}, "b": []any{"1", nil}}},
			Object{"attributes": map[string]any{"a": []any{}, "b": []any{"1"}}}, "old exports hold null where there is nothing"},
		{role, Object{"composites": map[string]any{"realm": []any{"b", "a"}}},
			Object{"composites": map[string]any{"realm": []any{"a", "b"}, "client": map[string]any{}}}, "composites are one list: what is absent is empty"},
		{group, Object{"clientRoles": map[string]any{"shop": []any{"b", "a"}, "none": []any{}}},
			Object{"clientRoles": map[string]any{"shop": []any{"a", "b"}}}, "no roles of a client is the same as no client"},
		{Realm, Object{"sslRequired": "EXTERNAL"}, Object{"sslRequired": "external"}, "the server lower-cases it"},
	} {
		got := c.kind.Canonical(c.in)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: Canonical(%v):\n%s", c.why, c.in, d)
		}
		if d := cmp.Diff(got, c.kind.Canonical(got)); d != "" {
			t.Errorf("%s: Canonical is no fixpoint:\n%s", c.why, d)
		}
	}
}

func TestFieldEqual(t *testing.T) {
	f := client.Fields.Get
	for _, c := range []struct {
		field *Field
		a, b  any
		want  bool
		why   string
	}{
		{f("enabled"), false, nil, true, "an identity provider's false is left out of the answer"},
		{f("enabled"), true, nil, false, "true is not"},
		{f("name"), "", nil, true, "an empty name is no name"},
		{f("protocol"), "openid-connect", nil, true, "absence means the default"},
		{f("protocol"), "saml", nil, false, "and not another value"},
		{f("redirectUris"), []any{}, nil, true, "an empty list is no list"},
		{f("redirectUris"), []any{"a"}, []any{"a"}, true, "equal sets"},
		{f("attributes"), map[string]any{"a": ""}, map[string]any{}, true, "an empty attribute is none"},
	} {
		if got := c.field.Equal(c.a, c.b); got != c.want {
			t.Errorf("%s: %s.Equal(%v, %v) = %v", c.why, c.field.Name, c.a, c.b, got)
		}
	}
}
