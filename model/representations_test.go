package model

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// property is a line of catalogue/classes/VERSION.tsv, which
// scripts/reflect makes of the server's own classes.
type property struct{ name, typ string }

func representations(t *testing.T) (versions []string, classes map[string]map[string][]property) {
	t.Helper()
	files, err := filepath.Glob("../catalogue/classes/*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatal("no representations are recorded: run scripts/reflect")
	}
	slices.Sort(files)
	classes = map[string]map[string][]property{}
	for _, file := range files {
		version := strings.TrimSuffix(filepath.Base(file), ".tsv")
		versions = append(versions, version)
		classes[version] = map[string][]property{}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for sc := bufio.NewScanner(f); sc.Scan(); {
			cols := strings.Split(sc.Text(), "\t")
			classes[version][cols[0]] = append(classes[version][cols[0]], property{cols[1], cols[2]})
		}
		f.Close()
	}
	return versions, classes
}

// TestFieldsAreTheServers compares each kind with the server's own class, in
// every version: no property is missing, none is invented, types fit, and
// what came later says since when.
func TestFieldsAreTheServers(t *testing.T) {
	versions, classes := representations(t)
	for _, k := range Kinds() {
		if k.Class == "" {
			continue // the server has a plain map
		}
		elsewhere := slices.Clone(k.Unmanaged)
		for _, c := range kinds {
			for _, p := range c.Places {
				if p.Parent == k.parentName() && c != Realm {
					elsewhere = append(elsewhere, strings.Split(p.In, ".")[0])
				}
				if k == Realm {
					elsewhere = append(elsewhere, strings.Split(p.Flat, ".")[0])
				}
			}
		}
		if k == Realm {
			// Taken apart by unfoldRealm.
			elsewhere = append(elsewhere, "scopeMappings", "clientScopeMappings", "defaultRoles", "authenticatorConfig")
		}
		first := map[string]string{}
		// Before the kind was there, its class may have been another.
		versions := slices.DeleteFunc(slices.Clone(versions), func(v string) bool { return !HasVersion(v, k.Since) })
		for _, version := range versions {
			for _, p := range classes[version][k.Class] {
				if p.name == "*" {
					continue // the class takes any other name
				}
				if first[p.name] == "" {
					first[p.name] = version
				}
				f := k.Fields.Get(p.name)
				switch {
				case f == nil && !slices.Contains(elsewhere, p.name):
					t.Errorf("%s: Keycloak %s has %s (%s), the registry has not", k.Name, version, p.name, p.typ)
				case f != nil && !f.Computed && !fits(f, p.typ):
					t.Errorf("%s: %s is %s in Keycloak %s, the registry's type does not fit", k.Name, p.name, p.typ, version)
				}
			}
		}
		for i := range k.Fields {
			f := &k.Fields[i]
			if f.Link != nil || f.Ours || f.Type == Tree || f.Name == "scopeMappings" || k.Name == "service-account" {
				continue // written in other ways, or another class
			}
			if _, ok := first[f.Name]; !ok && len(k.Typed) > 0 {
				for _, version := range versions {
					for _, class := range k.Typed {
						for _, p := range classes[version][class] {
							if p.name == f.Name && first[f.Name] == "" {
								first[f.Name] = version
							}
						}
					}
				}
			}
			v, ok := first[f.Name]
			if !ok {
				t.Errorf("%s: no version of Keycloak has %s", k.Name, f.Name)
				continue
			}
			if v == versions[0] {
				v = ""
			}
			if minor := strings.Join(strings.Split(v+"..", ".")[:2], "."); f.Since != strings.Trim(minor, ".") && !f.Computed {
				t.Errorf("%s: %s is there since %q, the registry says %q", k.Name, f.Name, minor, f.Since)
			}
		}
	}
}

func fits(f *Field, typ string) bool {
	switch f.Type {
	case String:
		return typ == "string" || f.Wrap != "" && strings.HasPrefix(typ, "object:") || strings.HasPrefix(typ, "enum:")
	case Boolean:
		return typ == "boolean"
	case Integer:
		return typ == "integer"
	case Set, List:
		return strings.HasPrefix(typ, "list<") || strings.HasPrefix(typ, "set<")
	case Dict:
		return typ == "map<string,string>"
	case MultiDict, SetDict:
		return typ == "map<string,list<string>>" || typ == "map<string,set<string>>"
	case Struct:
		return strings.HasPrefix(typ, "object:")
	}
	return true
}
