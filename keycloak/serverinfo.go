package keycloak

import "context"

// ServerInfo is what a server tells of itself.
type ServerInfo struct {
	Version  string          // such as 26.7.5
	Features map[string]bool // by the server's name, such as ORGANIZATION or ADMIN_FINE_GRAINED_AUTHZ_V2: switched on or not
	Raw      map[string]any  // the whole answer: providers, their configuration properties, themes, enums
}

// ServerInfo asks GET /admin/serverinfo. The server tells it only to accounts with some admin right, in any realm, and
// answers 403 to others; to accounts of other realms than master it leaves out machine and memory.
func (c *Client) ServerInfo(ctx context.Context) (*ServerInfo, error) {
	res, err := c.Do(ctx, Request{Method: "GET", Path: "/admin/serverinfo"})
	if err != nil {
		return nil, err
	}
	var info struct {
		SystemInfo struct{ Version string }
		Features   []struct {
			Name    string
			Enabled bool
		}
	}
	s := &ServerInfo{Features: map[string]bool{}}
	if err := res.Decode(&info); err != nil {
		return nil, err
	}
	if err := res.Decode(&s.Raw); err != nil {
		return nil, err
	}
	s.Version = info.SystemInfo.Version
	for _, f := range info.Features {
		s.Features[f.Name] = f.Enabled
	}
	return s, nil
}
