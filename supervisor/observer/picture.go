package observer

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/bruskajp/nano_services/supervisor"
)

// picture is a drawing of a tree: a box for each node, those below it at its right, and an
// arrow from each service that waits to the one that it waits for.
type picture struct {
	Width, Height int
	Text, Remark  string
	Edges         string
	Boxes         []box
	Arrows        []arrow
}

type box struct {
	Link                      template.URL
	Class, Sign, Name         string
	Path, State               string
	X, Y, Width, TextX, TextY int
}

type arrow struct {
	Path, Title string
	Cyclic      bool
}

// The sizes of a picture, in pixels.
const (
	mostBoxes = 200
	lineStep  = 32 // from one leaf to the next
	boxHeight = 24
	letter    = 8  // the width of most letters
	longName  = 24 // in letters
	gap       = 36 // between a box and those below it
	margin    = 12
)

var signs = map[string]string{good: "●", soon: "◐", odd: "▲", bad: "✖", off: "○"}

// picture draws the part of the tree that is shown. If there is no room for all nodes it draws
// the supervisors only, and says so: each of them has a picture of its own.
func (v *view) picture() *picture {
	n := countAll(&v.Tree)
	p := &picture{Width: 2 * margin, Height: 2 * margin, Text: counted(n, "child", "children")}
	root := &v.Tree
	if n > mostBoxes {
		p.Remark = fmt.Sprintf("There are %s here, and a picture has at most %d. It shows the supervisors; each has a picture of its own.", p.Text, mostBoxes)
		root = supervisorsOf(root, new(int))
	}
	widths := map[int]int{} // of the columns, by depth
	measure(root, 0, widths)
	y := margin
	at := map[string]*box{}
	p.place(v, root, 0, margin, widths, &y)
	for i := range p.Boxes {
		at[p.Boxes[i].Path] = &p.Boxes[i]
	}
	p.Height = y + margin
	for _, w := range waits(root, nil) {
		from, to := at[shown(w.Service)], at[shown(w.For)]
		if from != nil && to != nil && from != to {
			p.Arrows = append(p.Arrows, arrow{bend(from, to), shown(w.Service + " waits for " + w.For), v.cyclic[w]})
		}
	}
	return p
}

// place places a node at the right of x, with what is below it, and returns the middle of it.
func (p *picture) place(v *view, n *supervisor.Node, depth, x int, widths map[int]int, y *int) (middle int) {
	class, name := v.class(n), shortened(shown(n.Name), longName)
	link := v.Link(n.Path)
	if n.Supervisor != nil && depth > 0 {
		link = query{Path: n.Path, Refresh: v.Refresh}.Drawn()
	}
	index := len(p.Boxes)
	p.Boxes = append(p.Boxes, box{
		Link: link, Class: class, Sign: signs[class], Name: name, Path: shown(n.Path), State: stateOf(n), X: x, Width: widthOf(name),
	})
	var middles []int
	for i := range n.Children {
		middles = append(middles, p.place(v, &n.Children[i], depth+1, x+widths[depth]+gap, widths, y))
	}
	if len(middles) == 0 {
		middle = *y + boxHeight/2
		*y += lineStep
	} else {
		middle = (middles[0] + middles[len(middles)-1]) / 2
	}
	b := &p.Boxes[index]
	b.Y, b.TextX, b.TextY = middle-boxHeight/2, x+8, middle+5
	var edges strings.Builder
	for _, m := range middles {
		right, left := x+b.Width, x+widths[depth]+gap
		fmt.Fprintf(&edges, "M%d %dC%d %d %d %d %d %d", right, middle, left-gap/2, middle, left-gap/2, m, left, m)
	}
	p.Edges += edges.String()
	p.Width = max(p.Width, x+b.Width+4*margin)
	return middle
}

// bend returns the line of an arrow: at the right of both boxes.
func bend(from, to *box) string {
	x1, y1 := from.X+from.Width, from.Y+boxHeight/2+4
	x2, y2 := to.X+to.Width, to.Y+boxHeight/2-4
	out := max(x1, x2) + 3*margin
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, out, y1, out, y2, x2, y2)
}

// measure enters how wide the columns are.
func measure(n *supervisor.Node, depth int, widths map[int]int) {
	widths[depth] = max(widths[depth], widthOf(shortened(shown(n.Name), longName)))
	for i := range n.Children {
		measure(&n.Children[i], depth+1, widths)
	}
}

func widthOf(name string) int { return letter*(utf8.RuneCountInString(name)+2) + 16 }

// countAll counts a node and those below it.
func countAll(n *supervisor.Node) int {
	sum := 1
	for i := range n.Children {
		sum += countAll(&n.Children[i])
	}
	return sum
}

// supervisorsOf returns the supervisors of a tree, as a tree, and no more of them than a picture
// may have nodes; the first ones stay.
func supervisorsOf(n *supervisor.Node, so *int) *supervisor.Node {
	*so++
	alone := *n
	alone.Children = nil
	for i := range n.Children {
		if c := &n.Children[i]; c.Supervisor != nil && *so < mostBoxes {
			alone.Children = append(alone.Children, *supervisorsOf(c, so))
		}
	}
	return &alone
}
