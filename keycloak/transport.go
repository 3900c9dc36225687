package keycloak

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
)

// connections is how many idle connections are kept. net/http keeps two per host, which makes any more parallel work
// connect anew for most of its requests.
const connections = 64

// newTransport returns a transport of its own for a client, with proxies taken from the environment.
func newTransport(o Options) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: o.Insecure}
	if o.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("CA file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without certificates of its own
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %s: there is no PEM certificate in it: it must hold blocks that begin with -----BEGIN CERTIFICATE-----", o.CAFile)
	}
	t.TLSClientConfig.RootCAs = roots
	return t, nil
}
