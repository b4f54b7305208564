package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A band of the picture has the names of packages or files that stand on one level.
type band struct {
	title string
	names []string
}

// isHeading says that a line of LAYERS is the title of the files above it in the picture,
// which are those that follow.
func isHeading(line string) bool { return strings.HasPrefix(line, "# ") }

// bands returns the groups of LAYERS, the bottom first.
func bands(layers []string) (all []band) {
	for _, line := range layers {
		switch {
		case isHeading(line):
			all = append(all, band{title: strings.TrimPrefix(line, "# ")})
		case len(all) == 0:
			all = append(all, band{names: []string{line}})
		default:
			last := &all[len(all)-1]
			last.names = append(last.names, line)
		}
	}
	return all
}

// The sizes of the picture.
const (
	width     = 900
	left      = 150 // where the boxes begin
	perRow    = 6
	boxWidth  = 118
	boxHeight = 22
	gap       = 7
	between   = 16 // two bands
)

// A drawing is put together from the top downwards.
type drawing struct {
	b      strings.Builder
	y      int
	middle map[string][2]int // of each box
}

// picture draws the packages and the layers of one of them, what is used below what uses
// it, with an arrow for each use that runs up.
func picture(name string, below, layers, above []band, up []arrow) string {
	d := &drawing{y: between, middle: map[string][2]int{}}
	draw := func(all []band, style string) {
		for _, b := range slices.Backward(all) {
			d.band(b, style)
		}
	}
	draw(above, "package")
	d.rule("package " + name + ", file by file; uses run down, except for the red ones")
	draw(layers, "file")
	d.rule("what package " + name + " stands on")
	draw(below, "package")
	for _, a := range up {
		d.arrow(a)
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d">
<title>The layers of package %[3]s</title>
<style>
text { font: 12px sans-serif; fill: #222 }
.title { font-size: 11px; fill: #555 }
.file { fill: #eef4fb; stroke: #7a9cc6 }
.package { fill: #f3f0e6; stroke: #b5a56c }
.rule { stroke: #999; stroke-dasharray: 4 3 }
.up { fill: none; stroke: #c0392b; marker-end: url(#head) }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8Z" fill="#c0392b"/></marker></defs>
<rect width="%[1]d" height="%[2]d" fill="#fff"/>
`, width, d.y, name)
	return head + d.b.String() + "</svg>\n"
}

// band draws the names in rows, the first at the bottom, with the title beside them. A
// title that ends in a slash is the folder of all of them.
func (d *drawing) band(b band, style string) {
	rows := (len(b.names) + perRow - 1) / perRow
	for i, line := range wrap(b.title, 22) {
		fmt.Fprintf(&d.b, "<text class=\"title\" x=\"10\" y=\"%d\">%s</text>\n", d.y+15+13*i, line)
	}
	for i, name := range b.names {
		x, y := left+i%perRow*(boxWidth+gap), d.y+(rows-1-i/perRow)*(boxHeight+gap)
		d.middle[name] = [2]int{x + boxWidth/2, y + boxHeight/2}
		fmt.Fprintf(&d.b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>\n", style, x, y, boxWidth, boxHeight)
		fmt.Fprintf(&d.b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x+boxWidth/2, y+15, label(b, name))
	}
	d.y += max(rows*(boxHeight+gap), 13*len(wrap(b.title, 22))) + between
}

func label(b band, name string) string {
	if strings.HasSuffix(b.title, "/") {
		name = strings.TrimPrefix(name, b.title)
	}
	return strings.TrimSuffix(name, ".go")
}

// rule draws a line, with what is below it.
func (d *drawing) rule(text string) {
	fmt.Fprintf(&d.b, "<path class=\"rule\" d=\"M10,%[1]dL%[2]d,%[1]d\"/>\n<text class=\"title\" x=\"10\" y=\"%[3]d\">%[4]s</text>\n",
		d.y-4, width-10, d.y+12, text)
	d.y += 2 * between
}

// arrow draws a curve from the edge of one box to that of another.
func (d *drawing) arrow(a arrow) {
	from, to := d.middle[a.from], d.middle[a.to]
	bend := 30
	if from[0] > to[0] {
		bend = -30
	}
	y1, y2 := from[1]-boxHeight/2, to[1]+boxHeight/2
	if y1 < y2 { // in one row
		y1, y2 = from[1]+boxHeight/2, to[1]+boxHeight/2
	}
	fmt.Fprintf(&d.b, "<path class=\"up\" d=\"M%d,%dQ%d,%d %d,%d\"><title>%s</title></path>\n",
		from[0], y1, (from[0]+to[0])/2+bend, (y1+y2)/2+6, to[0], y2,
		a.from+" uses "+a.to)
}

// wrap breaks a text into lines of about so many letters.
func wrap(text string, most int) (lines []string) {
	for word := range strings.FieldsSeq(text) {
		if n := len(lines); n > 0 && len(lines[n-1])+1+len(word) <= most {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// check compares the picture with the file, or writes that.
func check(file, want string, write bool) (wrong string, err error) {
	if write {
		return "", os.WriteFile(file, []byte(want), 0o644)
	}
	got, err := os.ReadFile(file)
	if err == nil && string(got) != want {
		return fmt.Sprintf("%s is not of today: go -C internal/tools run ./layers -picture", file), nil
	}
	return "", err
}
