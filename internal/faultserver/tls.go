package faultserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// TLSHost is the host that the certificates of an [Authority] are good for.
const TLSHost = "service.test"

// Authority issues certificates, which are valid in the virtual time of
// testing/synctest too.
type Authority struct {
	// Pool trusts the authority.
	Pool *x509.CertPool

	good, wrongName, untrusted tls.Certificate
}

// NewAuthority makes its keys, which takes a few milliseconds.
func NewAuthority() *Authority {
	own, other := newIssuer(), newIssuer()
	a := &Authority{
		Pool:      x509.NewCertPool(),
		good:      own.issue(TLSHost),
		wrongName: own.issue("another.test"),
		untrusted: other.issue(TLSHost),
	}
	a.Pool.AddCert(own.certificate)
	return a
}

// Network is a server that speaks TLS well.
func (a *Authority) Network() Network {
	return handshake(&tls.Config{Certificates: []tls.Certificate{a.good}})
}

func handshake(cfg *tls.Config) Network {
	return Network{Accept: func(conn net.Conn) net.Conn {
		eager := newEagerConn(conn)
		secure := tls.Server(eager, cfg)
		if secure.Handshake() != nil { //nolint:noctx // it ends with the connection
			_ = eager.Close()
			return nil
		}
		return secure
	}}
}

// tlsFaults are handshakes that fail.
func tlsFaults(a *Authority) []Fault {
	old := &tls.Config{Certificates: []tls.Certificate{a.good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // the fault
	return []Fault{
		{Name: "an untrusted certificate", TLS: true, Network: handshake(&tls.Config{Certificates: []tls.Certificate{a.untrusted}})},
		{Name: "a certificate of another name", TLS: true, Network: handshake(&tls.Config{Certificates: []tls.Certificate{a.wrongName}})},
		{Name: "TLS that is too old", TLS: true, Network: handshake(old)},
		{Name: "HTTP on a TLS port", TLS: true, Network: Network{Accept: func(conn net.Conn) net.Conn {
			go func() { _, _ = conn.Read(make([]byte, 4096)) }() // the greeting of the client
			_, _ = conn.Write([]byte("HTTP/1.0 400 Bad Request\r\n\r\nThis is a TLS port\n"))
			return nil
		}}},
		{Name: "a handshake that breaks off", TLS: true, Network: Network{Accept: func(conn net.Conn) net.Conn {
			_, _ = conn.Read(make([]byte, 1))
			return nil
		}}},
	}
}

type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func template() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

func newIssuer() *issuer {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	t := template()
	t.Subject = pkix.Name{CommonName: "an authority of tests"}
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign
	der := must(x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key))
	return &issuer{must(x509.ParseCertificate(der)), key}
}

func (i *issuer) issue(host string) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	t := template()
	t.DNSNames, t.ExtKeyUsage = []string{host}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der := must(x509.CreateCertificate(rand.Reader, t, i.certificate, &key.PublicKey, i.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// must is for what fails only where there is no randomness.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
