package apply

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestScale(t *testing.T) {
	p := acmePlace(t)
	var b strings.Builder
	b.WriteString("enabled: true\nclients:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "- clientId: c%03d\n  redirectUris: [\"https://c%03d.acme.example/*\"]\n  roles: [{name: admin, composites: {client: {c%03d: [user]}, realm: [r%d]}}, {name: user}]\n  protocolMappers: [{name: a, protocolMapper: oidc-sub-mapper}, {name: b, protocolMapper: oidc-audience-mapper, config: {included.client.audience: c%03d}}]\n", i, i, i, i%20, (i+1)%200)
	}
	b.WriteString("roles:\n  realm:\n")
	for i := range 20 {
		fmt.Fprintf(&b, "  - {name: r%d, composites: {realm: [r%d]}}\n", i, (i+1)%20)
	}
	b.WriteString("groups:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "- {name: g%d, realmRoles: [r%d], clientRoles: {c%03d: [admin]}, subGroups: [{name: x}, {name: y}]}\n", i, i%20, i)
	}
	w := p.plan(b.String())
	start := time.Now()
	p.writes()
	res, err := p.run(context.Background(), w)
	t.Log(time.Since(start), len(res.Done), len(res.Failed), len(res.Skipped), err, len(p.writes()))
	for i, f := range res.Failed { if i < 5 { t.Log(f.Err) } }
	if again := p.plan(b.String()); !again.plan.Empty() { t.Error(summary(again.plan.Changes)) }
}
