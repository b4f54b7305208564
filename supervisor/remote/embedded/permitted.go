package embedded

import (
	"errors"
	"fmt"
	"net"

	"github.com/nats-io/nats-server/v2/server"
)

// permitted refuses to let another machine in that has shown nothing: whoever reaches the server may call
// every service. Each way in is looked at, not only that of clients.
func permitted(o *server.Options) error {
	var bad []error
	look := func(what, host string, listens, guarded bool) {
		if listens && !guarded && !isLoopback(host) {
			bad = append(bad, fmt.Errorf("embedded: %s would listen on %q, which other machines reach, without users or TLS", what, host))
		}
	}
	users := named(o) && o.NoAuthUser == ""
	verifies := o.TLSVerify || o.TLSMap
	look("the server", o.Host, !o.DontListen, users || o.TLSConfig != nil || verifies)
	look("monitoring", o.HTTPHost, o.HTTPPort != 0, false)
	look("monitoring with TLS", o.HTTPHost, o.HTTPSPort != 0, verifies)
	look("profiling", o.Host, o.ProfPort != 0, false)
	look("the cluster", o.Cluster.Host, o.Cluster.Port != 0, o.Cluster.Username != "" || o.Cluster.TLSConfig != nil)
	look("the gateway", o.Gateway.Host, o.Gateway.Port != 0, o.Gateway.Username != "" || o.Gateway.TLSConfig != nil)
	look("the leaf node", o.LeafNode.Host, o.LeafNode.Port != 0, users || o.LeafNode.Username != "" || o.LeafNode.TLSConfig != nil)
	look("the websocket", o.Websocket.Host, o.Websocket.Port != 0,
		(users || o.Websocket.Username != "") && o.Websocket.NoAuthUser == "" || o.Websocket.TLSConfig != nil)
	look("MQTT", o.MQTT.Host, o.MQTT.Port != 0, (users || o.MQTT.Username != "") && o.MQTT.NoAuthUser == "" || o.MQTT.TLSConfig != nil)
	return errors.Join(bad...)
}

// named reports whether there are users, or what stands for them. Who names none is refused
// then, unless there is a NoAuthUser.
func named(o *server.Options) bool {
	return o.Username != "" || o.Authorization != "" || len(o.Users) > 0 || len(o.Nkeys) > 0 ||
		o.CustomClientAuthentication != nil || len(o.TrustedOperators) > 0 || len(o.TrustedKeys) > 0 || o.AuthCallout != nil
}

// isLoopback reports whether only this machine reaches the address. An empty host is every
// address there is.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
