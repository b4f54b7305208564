package observer

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local reports whether a request comes from the same machine, as far as can be seen.
func local(r *http.Request) bool {
	if _, unix := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr); unix {
		return true
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && !forwarded(r) && !rebound(r)
}

// forwarded reports whether a proxy asks for somebody else.
func forwarded(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// rebound reports whether a browser asks for a host by a name that could be anybody's. A
// page from there could read the answer, because to the browser it is the same host.
func rebound(r *http.Request) bool {
	if !strings.HasPrefix(r.UserAgent(), "Mozilla/") { // as all browsers call themselves
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if addr, err := netip.ParseAddr(host); err == nil {
		return !addr.Unmap().IsLoopback()
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}
