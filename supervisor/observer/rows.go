package observer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bruskajp/nano_services/supervisor"
)

// most is how many rows are shown unless all are asked for.
const most = 500

// add adds a row for a node and rows for those below it: unless all are asked for, at most room.
// If there are any below, there is room for at least one row: to say how many.
func (v *view) add(n *supervisor.Node, depth, room int) {
	v.Rows = append(v.Rows, v.row(n, depth))
	var below []*supervisor.Node // no copies: sums are kept by the address of a node
	for i, all := 0, v.below(n); i < len(all); i++ {
		below = append(below, &all[i])
	}
	left := ""
	rooms := make([]int, len(below))
	if !v.All {
		if below, left = v.choose(below, room); left != "" {
			room--
		}
		rooms = v.share(below, room-len(below))
	}
	for i, n := range below {
		v.add(n, depth+1, rooms[i])
	}
	if left != "" {
		v.Rows = append(v.Rows, row{Who: who{Depth: depth + 1}, Remark: left})
	}
}

// below returns the children of a node that are not folded away.
func (v *view) below(n *supervisor.Node) []supervisor.Node {
	if v.folded[n.Path] {
		return nil
	}
	return n.Children
}

// rows counts what is below a node, up to a limit.
func (v *view) rows(n *supervisor.Node, limit int) int {
	sum := 0
	below := v.below(n)
	for i := range below {
		if sum >= limit {
			break
		}
		sum += 1 + v.rows(&below[i], limit-sum-1)
	}
	return min(sum, limit)
}

// share divides rows among nodes for what is below them: each gets as many as the others, but
// none more than it needs.
func (v *view) share(nodes []*supervisor.Node, room int) []int {
	rooms, order := make([]int, len(nodes)), make([]int, len(nodes))
	for i := range nodes {
		rooms[i], order[i] = v.rows(nodes[i], room), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rooms[a], rooms[b]) })
	for k, i := range order {
		rooms[i] = min(rooms[i], room/(len(order)-k))
		room -= rooms[i]
	}
	return rooms
}

// choose returns the nodes for which there is room, in their order, and what is said of the
// others in one row of the room. Nodes with more to see are chosen first. A node that has
// something below it needs a second row for that.
func (v *view) choose(nodes []*supervisor.Node, room int) (shown []*supervisor.Node, left string) {
	need := make([]int, len(nodes)) // 0: it is chosen
	all := 0
	for i := range nodes {
		need[i] = 1 + v.rows(nodes[i], 1)
		all += need[i]
	}
	if all <= room {
		return nodes, ""
	}
	room--
	for rank := range ranks {
		for i := range nodes {
			if need[i] > 0 && need[i] <= room && rankOf(nodes[i]) == rank {
				room -= need[i]
				need[i] = 0
			}
		}
	}
	var others tally
	for i := range nodes {
		if need[i] == 0 {
			shown = append(shown, nodes[i])
			continue
		}
		others.add(stateOf(nodes[i]))
	}
	return shown, fmt.Sprintf("and %s more: %s", grouped(len(nodes)-len(shown)), others.String())
}

// tally counts states, in the order in which they are met.
type tally struct {
	states []string
	count  map[string]int
}

func (t *tally) add(state string) {
	if t.count == nil {
		t.count = map[string]int{}
	}
	if t.count[state]++; t.count[state] == 1 {
		t.states = append(t.states, state)
	}
}

func (t *tally) String() string {
	var parts []string
	for _, s := range t.states {
		parts = append(parts, grouped(t.count[s])+" "+s)
	}
	return strings.Join(parts, ", ")
}

// How much there is to see at a node, most first.
const (
	trouble = iota // it has, or had
	busy           // it does something, or has something below it
	calm
	ranks
)

func rankOf(n *supervisor.Node) int {
	i := n.Service
	switch {
	case n.State != supervisor.Up.String(), n.Restarts > 0, n.Err != "", n.Crash != nil,
		i != nil && (i.Crash != nil || i.Dead > 0 || i.Refused > 0 || i.Paused):
		return trouble
	case len(n.Children) > 0, n.Requests != nil && n.Requests.UnderWay > 0,
		i != nil && (i.Queued > 0 || i.Running > 0 || len(i.WaitsFor) > 0):
		return busy
	}
	return calm
}
