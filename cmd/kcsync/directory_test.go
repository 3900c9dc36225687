package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/jimlambrt/gldap"
	"github.com/rogpeppe/go-internal/testscript"
)

// directory is the script command of that name: starts an LDAP server until
// the script ends, and sets $LDAP to its port. It has the users ada and bob
// and the group staff, and takes the password of cn=admin alone.
func directory(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	port := l.Addr().(*net.TCPAddr).Port
	ts.Check(l.Close()) // the library listens by itself
	s, err := gldap.NewServer()
	ts.Check(err)
	mux, err := gldap.NewMux()
	ts.Check(err)
	ts.Check(mux.Bind(func(w *gldap.ResponseWriter, r *gldap.Request) {
		answer := r.NewBindResponse(gldap.WithResponseCode(gldap.ResultInvalidCredentials))
		defer func() { w.Write(answer) }()
		if m, err := r.GetSimpleBindMessage(); err == nil && m.UserName == "cn=admin" && m.Password == "directory" {
			answer.SetResultCode(gldap.ResultSuccess)
		}
	}))
	ts.Check(mux.Search(func(w *gldap.ResponseWriter, r *gldap.Request) {
		done := r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess))
		defer func() { w.Write(done) }()
		m, err := r.GetSearchMessage()
		if err != nil {
			return
		}
		for _, e := range entries(strings.Contains(m.BaseDN, "ou=groups")) {
			dn := e["dn"][0]
			w.Write(r.NewSearchResponseEntry(dn, gldap.WithAttributes(e)))
		}
	}))
	ts.Check(s.Router(mux))
	go s.Run(fmt.Sprintf("127.0.0.1:%d", port))
	ts.Defer(func() { s.Stop() })
	ts.Setenv("LDAP", fmt.Sprint(port))
}

func entries(groups bool) []map[string][]string {
	if groups {
		return []map[string][]string{{
			"dn": {"cn=staff,ou=groups,dc=acme"}, "cn": {"staff"}, "objectClass": {"groupOfNames"}, "member": {"uid=ada,ou=people,dc=acme"}, "entryUUID": {"g-1"},
		}}
	}
	var out []map[string][]string
	for _, name := range []string{"ada", "bob"} {
		out = append(out, map[string][]string{
			"dn": {"uid=" + name + ",ou=people,dc=acme"}, "uid": {name}, "cn": {name}, "sn": {"Acme"}, "mail": {name + "@acme.example"},
			"objectClass": {"inetOrgPerson", "organizationalPerson"}, "entryUUID": {"u-" + name},
			"createTimestamp": {"20260101000000Z"}, "modifyTimestamp": {"20260101000000Z"},
		})
	}
	return out
}
