package observer

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// notLocal says why a request is not taken for one from the same machine; "" if it is.
func notLocal(r *http.Request) string {
	if forwarded(r.Header) {
		return "a proxy asks for somebody else, as its headers say"
	}
	if _, unix := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr); unix {
		return ""
	}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
		return "the client is not on this machine"
	}
	if browser(r.Header) && !localhost(r.Host) {
		return fmt.Sprintf("the client asks for this machine by the name %q: use localhost", r.Host)
	}
	return ""
}

// forwarded reports whether a proxy says for whom it asks. An empty header says so as well: its
// contents have been taken out.
func forwarded(h http.Header) bool {
	for name, values := range h {
		if len(values) > 0 && (slices.Contains(proxyHeaders, name) || strings.HasPrefix(name, "X-Forwarded")) {
			return true
		}
	}
	return false
}

var proxyHeaders = []string{"Forwarded", "Via", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip"}

// browser reports whether a browser asks. All browsers say what encodings they accept, and no
// page can have them leave that out; curl and its like do not say it, unless told to.
func browser(h http.Header) bool { return len(h["Accept-Encoding"]) > 0 }

// localhost reports whether a host is this machine by a name that nobody else can have.
// By any other name a page from elsewhere could read the answer, because to the browser
// it comes from the same host.
func localhost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// embedded reports whether a page of another site has a browser ask, for an image, say. The page
// could not read the answer, but has the tree looked at as often as it likes.
func embedded(h http.Header) bool {
	site := h.Get("Sec-Fetch-Site")
	return (site == "cross-site" || site == "same-site") && h.Get("Sec-Fetch-Mode") != "navigate"
}
