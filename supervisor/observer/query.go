package observer

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is what a request asks for.
type query struct {
	Path    string   // of the part of the tree; "": all of it
	Find    string   // what the path of a child has to contain; "": nothing
	Sort    string   // by what the children are sorted, without the shape of the tree; "": in their order
	Fold    []string // the paths of those below which nothing is shown
	All     bool     // rows, and not only some of many
	Refresh int      // seconds after which the browser is to ask again; 0: not
	View    string   // "": the table, or a service
	format  string   // "": a page
}

// drawn is the view that is a picture; the others are the formats that are no page.
const (
	drawn    = "picture"
	asJSON   = "json"
	asEvents = "events"
)

// sorts are what children can be sorted by, in the order of the columns that show it.
var sorts = []string{"name", "state", "crash", "queue", "rate", "p99"}

// longest is how long a text in a query may be.
const longest = 4096

func queryOf(r *http.Request) (q query, err error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > 16*longest {
		return q, meansNothing(shortened(r.URL.RawQuery, 100))
	}
	q.Path, q.Find, q.Sort, q.Fold = values.Get("path"), values.Get("q"), values.Get("sort"), values["fold"]
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return q, meansNothing("sort=" + q.Sort)
	}
	if v := values.Get("all"); v != "" {
		if q.All, err = strconv.ParseBool(v); err != nil {
			return q, meansNothing("all=" + v)
		}
	}
	if v := values.Get("refresh"); v != "" {
		if q.Refresh, err = strconv.Atoi(v); err != nil || q.Refresh < 1 || q.Refresh > 3600 {
			return q, meansNothing("refresh=" + v)
		}
	}
	switch v := values.Get("format"); v {
	case "", "html":
	case asJSON, asEvents:
		q.format = v
	default:
		return q, meansNothing("format=" + v)
	}
	switch v := values.Get("view"); v {
	case "", drawn:
		q.View = v
	default:
		return q, meansNothing("view=" + v)
	}
	return q, nil
}

func meansNothing(what string) error {
	return fmt.Errorf("%s means nothing: there are path=PATH, q=TEXT, sort= one of %s, fold=PATH, all=1, refresh=1 to 3600, in seconds, view=picture, and format=html, format=json or format=events",
		what, strings.Join(sorts, ", "))
}

// flat reports whether children are listed without the shape of the tree.
func (q query) flat() bool { return q.Find != "" || q.Sort != "" }

// link returns a link to the page that answers a query.
func link(q query) template.URL {
	values := url.Values{}
	for name, v := range map[string]string{"path": q.Path, "q": q.Find, "sort": q.Sort, "view": q.View, "format": q.format} {
		if v != "" {
			values.Set(name, v)
		}
	}
	if len(q.Fold) > 0 {
		values["fold"] = q.Fold
	}
	if q.All {
		values.Set("all", "1")
	}
	if q.Refresh > 0 {
		values.Set("refresh", strconv.Itoa(q.Refresh))
	}
	return template.URL("?" + values.Encode())
}

// Self returns a link to this page with other wishes.
func (q query) Self(all bool, refresh int) template.URL {
	q.All, q.Refresh = all, refresh
	return link(q)
}

// As returns a link to the same page in another format.
func (q query) As(format string) template.URL {
	q.format, q.Refresh = format, 0
	return link(q)
}

// Drawn returns a link to a picture of the same.
func (q query) Drawn() template.URL {
	return link(query{Path: q.Path, View: drawn, Refresh: q.Refresh})
}

// Link returns a link to a part of the tree, or with "" to all of it.
func (q query) Link(path string) template.URL {
	if path != "" && q.Refresh == 0 { // each row has one
		return template.URL("?path=" + url.QueryEscape(path))
	}
	return link(query{Path: path, Refresh: q.Refresh})
}

// Sorted returns a link to the same page, sorted; by name, it is as the tree is.
func (q query) Sorted(by string) template.URL {
	if q.Sort = by; by == "name" {
		q.Sort = "" // the names are in the tree's own order there
	}
	return link(q)
}

// Unfiltered returns a link to the same with nothing left out.
func (q query) Unfiltered() template.URL {
	q.Find, q.Sort, q.Fold, q.View = "", "", nil, ""
	return link(q)
}

// folding returns a link to the same with what is below path folded, or unfolded.
func (q query) folding(path string) template.URL {
	if i := slices.Index(q.Fold, path); i >= 0 {
		q.Fold = slices.Delete(slices.Clone(q.Fold), i, i+1)
	} else {
		q.Fold = append(slices.Clip(q.Fold), path)
	}
	return link(q)
}
