package observer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/supervisor"
)

// list adds the rows of the children that are looked for, in the order that is asked for:
// without the shape of the tree, and so with their paths.
func (v *view) list() {
	var found []*supervisor.Node
	find := strings.ToLower(v.Find)
	var collect func(n *supervisor.Node)
	collect = func(n *supervisor.Node) {
		if find == "" || strings.Contains(strings.ToLower(shown(n.Path)), find) {
			found = append(found, n)
		}
		for i := range n.Children {
			collect(&n.Children[i])
		}
	}
	collect(&v.Tree)
	v.sort(found)
	shown := found
	if !v.All {
		shown = found[:min(len(found), most)]
	}
	for _, n := range shown {
		v.Rows = append(v.Rows, v.row(n, 0))
	}
	if left := len(found) - len(shown); left > 0 {
		v.Rows = append(v.Rows, row{Remark: fmt.Sprintf("and %s more", grouped(left))})
	}
	if v.Find != "" {
		v.Found = counted(len(found), "child", "children") + " found"
	}
}

// sort sorts nodes by what is asked for, the largest first; equal ones stay in their order.
func (v *view) sort(nodes []*supervisor.Node) {
	switch v.Sort {
	case "":
		return
	case "name":
		slices.SortStableFunc(nodes, func(a, b *supervisor.Node) int { return strings.Compare(a.Path, b.Path) })
		return
	}
	type keyed struct {
		key  float64 // computed once for each node: it takes longer than comparing
		node *supervisor.Node
	}
	all := make([]keyed, len(nodes))
	for i, n := range nodes {
		all[i] = keyed{v.key(n), n}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return cmp.Compare(b.key, a.key) })
	for i := range all {
		nodes[i] = all[i].node
	}
}

// key returns what a node is sorted by.
func (v *view) key(n *supervisor.Node) float64 {
	switch v.Sort {
	case "state":
		return float64(severity(v.class(n)))
	case "crash":
		if at := lapsed(n); !at.IsZero() {
			return float64(at.UnixNano())
		}
	case "queue":
		return float64(v.sums(n).queued)
	case "rate":
		return v.sums(n).rate
	case "p99":
		if n.Service != nil {
			return float64(n.Service.Runs.Quantile(0.99))
		}
	}
	return 0
}
