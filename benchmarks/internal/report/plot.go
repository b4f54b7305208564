package report

import (
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// marker is how a system is drawn: by colour and shape, so that neither is needed to tell
// it from the others.
type marker struct {
	system string
	colour color.RGBA
	shape  draw.GlyphDrawer
}

// drawn are the systems in the plot. Variants are left out, since they would cover the
// others.
var drawn = []marker{
	{"nano", color.RGBA{0xd5, 0x2b, 0x1e, 0xff}, draw.CircleGlyph{}},
	{"nano-view", color.RGBA{0xf0, 0x9a, 0x30, 0xff}, draw.CircleGlyph{}},
	{workloads.Baseline, color.RGBA{0x30, 0x30, 0x30, 0xff}, draw.CrossGlyph{}},
	{"chan128-reuse", color.RGBA{0x80, 0x80, 0x80, 0xff}, draw.PlusGlyph{}},
	{"mutex", color.RGBA{0x1f, 0x77, 0xb4, 0xff}, draw.SquareGlyph{}},
	{"phony", color.RGBA{0x2c, 0xa0, 0x2c, 0xff}, draw.PyramidGlyph{}},
	{"protoactor", color.RGBA{0x94, 0x67, 0xbd, 0xff}, draw.TriangleGlyph{}},
	{"suture", color.RGBA{0x8c, 0x56, 0x4b, 0xff}, draw.BoxGlyph{}},
}

// The size of the plot.
const (
	plotWidth  = 9 * vg.Inch
	plotHeight = 6 * vg.Inch
)

// Plot draws results as SVG: the ratios, and beside them how the cost of a closure grows
// with the number of senders and that of a call with the number of services.
func Plot(w io.Writer, rs []harness.Result) error {
	left, err := ratioPlot(rs)
	if err != nil {
		return err
	}
	tell, err := curvePlot(rs, "scale/tell/", "senders to one service", "ns per closure")
	if err != nil {
		return err
	}
	call, err := curvePlot(rs, "scale/call/", "services called in turn", "ns per call")
	if err != nil {
		return err
	}
	svg := vgsvg.New(plotWidth, plotHeight)
	page := draw.New(svg)
	page.FillPolygon(color.White, page.ClipPolygonXY([]vg.Point{
		{X: page.Min.X, Y: page.Min.Y}, {X: page.Max.X, Y: page.Min.Y}, page.Max, {X: page.Min.X, Y: page.Max.Y},
	}))
	const (
		middle = plotWidth * 0.6
		top    = plotHeight * 0.22 // of the right column: the legend
		half   = (plotHeight - top) / 2
	)
	legend := left.Legend
	left.Legend = plot.NewLegend()
	left.Draw(draw.Crop(page, 10, middle-plotWidth, 0, -5))
	legend.Draw(draw.Crop(page, middle+20, -5, plotHeight-top, -10))
	tell.Draw(draw.Crop(page, middle+10, -15, half+5, -top))
	call.Draw(draw.Crop(page, middle+10, -15, 0, -half-top-5))
	_, err = svg.WriteTo(w)
	return err
}

// ratioWorkload reports whether a workload is in the plot of ratios.
func ratioWorkload(r harness.Result) bool {
	return r.Ratio > 0 && within(r.Workload, "tell", "call", "ring", "spawn", "restart", "tail",
		"busy", "footprint/100k") && !strings.HasSuffix(r.Workload, "/rss")
}

// ratioPlot has a line for each workload, from the top in the order of the results.
func ratioPlot(rs []harness.Result) (*plot.Plot, error) {
	p := newPivot(rs, ratioWorkload)
	chart := newChart("ratio to "+workloads.Baseline+", less is better", "")
	chart.X.Scale, chart.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
	chart.X.Min, chart.X.Max = 0.5, 2
	var names []plot.Tick
	row := func(i int) float64 { return float64(len(p.workloads) - i) }
	for i, name := range p.workloads {
		names = append(names, plot.Tick{Value: row(i), Label: name})
	}
	chart.Y.Tick.Marker, chart.Y.Tick.Length = plot.ConstantTicks(names), 0
	chart.Y.LineStyle.Width = 0 // the names may be wider than they are here, in another font
	chart.Y.Min, chart.Y.Max = 0.5, float64(len(p.workloads))+0.5
	chart.Add(plotter.NewGrid())
	for _, m := range drawn {
		var points plotter.XYs
		for i, name := range p.workloads {
			if r, ok := p.at(name, m.system); ok {
				points = append(points, plotter.XY{X: r.Ratio, Y: row(i)})
				chart.X.Min, chart.X.Max = min(chart.X.Min, r.Ratio/1.5), max(chart.X.Max, r.Ratio*1.5)
			}
		}
		if len(points) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return nil, fmt.Errorf("plot of %s: %w", m.system, err)
		}
		dots.GlyphStyle = m.glyph()
		chart.Add(dots)
		chart.Legend.Add(m.system, dots)
	}
	return chart, nil
}

// curvePlot has a curve for each system, of the workloads that begin with prefix and end
// with a number.
func curvePlot(rs []harness.Result, prefix, x, y string) (*plot.Plot, error) {
	p := newPivot(rs, func(r harness.Result) bool { return strings.HasPrefix(r.Workload, prefix) && r.NS > 0 })
	chart := newChart(x, y)
	chart.X.Scale, chart.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
	chart.Y.Scale, chart.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
	chart.X.Min, chart.X.Max, chart.Y.Min, chart.Y.Max = 1, 10, 10, 100
	chart.Add(plotter.NewGrid())
	for _, m := range drawn {
		var points plotter.XYs
		for _, name := range p.workloads {
			n, err := strconv.Atoi(strings.Replace(strings.TrimPrefix(name, prefix), "k", "000", 1))
			if err != nil {
				return nil, fmt.Errorf("plot of %s: %w", name, err)
			}
			if r, ok := p.at(name, m.system); ok {
				points = append(points, plotter.XY{X: float64(n), Y: r.NS})
				chart.X.Max = max(chart.X.Max, float64(n))
				chart.Y.Min, chart.Y.Max = min(chart.Y.Min, r.NS/1.5), max(chart.Y.Max, r.NS*1.5)
			}
		}
		if len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, fmt.Errorf("plot of %s: %w", m.system, err)
		}
		line.Color, dots.GlyphStyle = m.colour, m.glyph()
		chart.Add(line, dots)
	}
	return chart, nil
}

func newChart(x, y string) *plot.Plot {
	chart := plot.New()
	chart.X.Label.Text, chart.Y.Label.Text = x, y
	for _, style := range []*text.Style{
		&chart.X.Label.TextStyle, &chart.Y.Label.TextStyle, &chart.X.Tick.Label, &chart.Y.Tick.Label,
		&chart.Legend.TextStyle,
	} {
		style.Font.Variant, style.Font.Size = "Sans", vg.Points(9)
	}
	chart.Legend.Top, chart.Legend.Left = true, true
	chart.Legend.Padding = vg.Points(2)
	return chart
}

func (m marker) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: m.colour, Radius: vg.Points(3.2), Shape: m.shape}
}

// decades labels the powers of ten of a logarithmic axis, and marks what lies between.
func decades(low, high float64) (ticks []plot.Tick) {
	for _, t := range (plot.LogTicks{Prec: -1}).Ticks(low, high) {
		if t.Label != "" {
			t.Label = strconv.FormatFloat(t.Value, 'f', -1, 64)
			if t.Value >= 10_000 {
				t.Label = strconv.FormatFloat(t.Value/1000, 'f', -1, 64) + "k"
			}
		}
		ticks = append(ticks, t)
	}
	return ticks
}
