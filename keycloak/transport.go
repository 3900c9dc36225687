package keycloak

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// connections is how many idle connections are kept. net/http keeps two per host, which makes any more parallel work
// connect anew for most of its requests.
const connections = 64

// newTransport returns a transport of its own for a client.
func newTransport(o Options) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	t.DialContext = (&net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = o.ConnectTimeout
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: o.Insecure}
	var err error
	if o.Proxy != "" {
		if t.Proxy, err = proxy(o.Proxy); err != nil {
			return nil, err
		}
	}
	if o.CAFile != "" {
		if t.TLSClientConfig.RootCAs, err = authorities(o.CAFile); err != nil {
			return nil, err
		}
	}
	if o.CertFile != "" {
		cert, err := clientCertificate(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, err
		}
		// Said whatever authorities the server names: it names none when it trusts those of a file of its own, or too few.
		t.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	return t, nil
}

// proxy returns the choice of one proxy for all requests. Its error does not repeat what may be a password.
func proxy(address string) (func(*http.Request) (*url.URL, error), error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the proxy's address is no URL: write it as http://proxy.acme.example:3128")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return http.ProxyURL(u), nil
	}
	return nil, fmt.Errorf("the proxy's address begins with %s: there are http, https, socks5 and socks5h", u.Scheme)
}

// authorities returns those of the system and of a PEM file.
func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("CA file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without certificates of its own
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %s: there is no PEM certificate in it: it must hold blocks that begin with -----BEGIN CERTIFICATE-----", file)
	}
	return roots, nil
}

// clientCertificate reads what the client shows of itself in a TLS handshake.
func clientCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	if keyFile == "" {
		keyFile = certFile
	}
	certs, err := os.ReadFile(certFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("key of the client certificate: %w", err)
	}
	if strings.Contains(string(key), "ENCRYPTED PRIVATE KEY") {
		return nil, encryptedKey(keyFile)
	}
	pair, err := tls.X509KeyPair(certs, key)
	if err != nil {
		return nil, fmt.Errorf("client certificate %s with key %s: %s: both must be PEM, and belong to each other", certFile, keyFile, strings.TrimPrefix(err.Error(), "tls: "))
	}
	return &pair, nil
}

// encryptedKey is the error of a private key that a password protects.
func encryptedKey(file string) error {
	return fmt.Errorf("private key %s: it is encrypted: give it without a password, in a file for the owner only: openssl pkey -in %[1]s -out PLAIN", file)
}
