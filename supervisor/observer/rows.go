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

// add adds a row for a node and, unless all are asked for, at most room for those below
// it. There is room for one at least if there are any: to say how many.
func (v *view) add(n *supervisor.Node, depth, room int) {
	v.Rows = append(v.Rows, v.row(n, depth))
	below, left := n.Children, ""
	rooms := make([]int, len(below))
	if !v.All {
		if below, left = choose(below, room); left != "" {
			room--
		}
		rooms = share(below, room-len(below))
	}
	for i := range below {
		v.add(&below[i], depth+1, rooms[i])
	}
	if left != "" {
		v.Rows = append(v.Rows, row{Depth: depth + 1, Remark: left})
	}
}

// rows counts what is below a node, up to a limit.
func rows(n *supervisor.Node, limit int) int {
	sum := 0
	for i := range n.Children {
		if sum >= limit {
			break
		}
		sum += 1 + rows(&n.Children[i], limit-sum-1)
	}
	return min(sum, limit)
}

// share divides rows among nodes for what is below them: all get as many as each other,
// but none more than it needs.
func share(nodes []supervisor.Node, room int) []int {
	rooms, order := make([]int, len(nodes)), make([]int, len(nodes))
	for i := range nodes {
		rooms[i], order[i] = rows(&nodes[i], room), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rooms[a], rooms[b]) })
	for k, i := range order {
		rooms[i] = min(rooms[i], room/(len(order)-k))
		room -= rooms[i]
	}
	return rooms
}

// choose returns those nodes, in their order, for which there is room, those first at
// which there is something to see, and what is to be said of the others, in one row of
// the room. What has something below it needs a row for that as well.
func choose(nodes []supervisor.Node, room int) (shown []supervisor.Node, left string) {
	need := make([]int, len(nodes)) // 0: it is chosen
	all := 0
	for i := range nodes {
		need[i] = 1 + rows(&nodes[i], 1)
		all += need[i]
	}
	if all <= room {
		return nodes, ""
	}
	room--
	for rank := range ranks {
		for i := range nodes {
			if need[i] > 0 && need[i] <= room && rankOf(&nodes[i]) == rank {
				room -= need[i]
				need[i] = 0
			}
		}
	}
	var states []string // in the order in which they are met
	count := map[string]int{}
	for i, n := range nodes {
		if need[i] == 0 {
			shown = append(shown, n)
			continue
		}
		if count[n.State]++; count[n.State] == 1 {
			states = append(states, n.State)
		}
	}
	for i, s := range states {
		states[i] = fmt.Sprintf("%d %s", count[s], s)
	}
	return shown, fmt.Sprintf("and %d more: %s", len(nodes)-len(shown), strings.Join(states, ", "))
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
	case len(n.Children) > 0,
		i != nil && (i.Queued > 0 || i.Running > 0 || len(i.WaitsFor) > 0):
		return busy
	}
	return calm
}
