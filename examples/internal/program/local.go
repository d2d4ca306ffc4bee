package program

import "net/netip"

// IsLocal reports whether host, a name or a number without a port, is one of this
// machine that nobody else can reach.
func IsLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
