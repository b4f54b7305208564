// Package foreign imports what subjects.txt has of other modules, so that go mod
// tidy knows. TestForeign writes it.
package foreign

import (
	_ "github.com/BurntSushi/toml"
	_ "github.com/bits-and-blooms/bitset"
	_ "github.com/bruskajp/nano_services/actor"
	_ "github.com/emirpasic/gods/lists/arraylist"
	_ "github.com/emirpasic/gods/maps/treemap"
	_ "github.com/emirpasic/gods/sets/hashset"
	_ "github.com/emirpasic/gods/trees/btree"
	_ "github.com/emirpasic/gods/trees/redblacktree"
	_ "github.com/google/btree"
	_ "github.com/gorilla/mux"
	_ "github.com/gorilla/websocket"
	_ "github.com/hashicorp/golang-lru/v2"
	_ "github.com/hashicorp/golang-lru/v2/simplelru"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/spf13/pflag"
	_ "go.etcd.io/bbolt"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/semaphore"
	_ "golang.org/x/sync/singleflight"
	_ "golang.org/x/text/collate"
	_ "golang.org/x/text/language"
	_ "golang.org/x/text/message"
	_ "golang.org/x/text/transform"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/time/rate"
	_ "gonum.org/v1/gonum/graph/simple"
	_ "gonum.org/v1/gonum/mat"
	_ "gopkg.in/yaml.v3"
)
