package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
)

// A named says how objects are found by the name that people know them by.
type named struct {
	after []string // the segments of a path behind which such an object's id stands
	list  string   // where they are listed, below the realm; %s is the name
	by    string   // the parameter that the list is searched with; "" for none
	key   string   // the field that holds the name; "" where there is a single object to find
}

// nameds are the objects that can be named in a path.
var nameds = []named{
	{[]string{"clients"}, "clients", "clientId", "clientId"},
	{[]string{"users", "members"}, "users", "username", "username"},
	{[]string{"client-scopes", "default-client-scopes", "optional-client-scopes", "default-default-client-scopes", "default-optional-client-scopes"},
		"client-scopes", "", "name"},
	{[]string{"groups", "default-groups"}, "group-by-path/%s", "", ""},
	{[]string{"roles-by-id"}, "roles/%s", "", ""},
	{[]string{"organizations"}, "organizations", "search", "name"},
	{[]string{"flows"}, "authentication/flows", "", "alias"},
	{[]string{"components", "user-storage"}, "components", "name", "name"},
	{[]string{"workflows"}, "workflows", "search", "name"},
}

var braces = regexp.MustCompile(`\{[^{}]*\}`)

// withNames returns a path whose names in braces are one segment each, as they
// will be when they are ids.
func withNames(path string) string {
	return braces.ReplaceAllStringFunc(path, func(s string) string { return strings.ReplaceAll(s, "/", "%2F") })
}

// identify replaces the names in braces in a path by the ids of the objects.
func identify(ctx context.Context, c *keycloak.Client, realm, path string) (string, error) {
	for {
		at := braces.FindStringIndex(path)
		if at == nil {
			return path, nil
		}
		before, name := path[:at[0]], path[at[0]+1:at[1]-1]
		segments := strings.Split(strings.Trim(before, "/"), "/")
		after := segments[len(segments)-1]
		n := namedAfter(after)
		if n == nil || after == "groups" && strings.Contains(before, "/organizations/") {
			return "", exit{exitInvalid, fmt.Errorf("{%s}: behind %s no object can be named: write its id", name, after)}
		}
		if len(segments) > 2 && segments[0] == "admin" && segments[1] == "realms" {
			realm, _ = url.PathUnescape(segments[2])
		}
		id, err := n.find(ctx, c, realm, after, name)
		if err != nil {
			return "", err
		}
		path = before + url.PathEscape(id) + path[at[1]:]
	}
}

func namedAfter(segment string) *named {
	for i := range nameds {
		for _, s := range nameds[i].after {
			if s == segment {
				return &nameds[i]
			}
		}
	}
	return nil
}

// find returns the id of the object of a name.
func (n *named) find(ctx context.Context, c *keycloak.Client, realm, after, name string) (string, error) {
	path := keycloak.Path("admin", "realms", realm) + "/" + strings.ReplaceAll(n.list, "%s", url.PathEscape(strings.Trim(name, "/")))
	if n.key == "" {
		var found struct{ ID string }
		if err := c.Get(ctx, path, nil, &found); err != nil {
			return "", fmt.Errorf("{%s} behind %s: %w", name, after, err)
		}
		return found.ID, nil
	}
	query := url.Values{}
	if n.by != "" {
		query = url.Values{n.by: {name}, "exact": {"true"}}
	}
	var list []map[string]json.RawMessage
	if err := c.Get(ctx, path, query, &list); err != nil {
		return "", err
	}
	var ids []string
	for _, o := range list {
		var key, id string
		json.Unmarshal(o[n.key], &key)
		json.Unmarshal(o["id"], &id)
		if key == name {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("{%s}: realm %s has nothing of this %s in %s", name, realm, n.key, after)
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("{%s}: realm %s has %d of this %s in %s: write the id of one of them: %s", name, realm, len(ids), n.key, after, strings.Join(ids, ", "))
}
