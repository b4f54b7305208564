package observer

import (
	"reflect"
	"strings"
	"testing"
)

// Whatever stands in a row, it is text there, and ends no element and no attribute.
func TestObserverRowsAreEscaped(t *testing.T) {
	const hostile = `<b>&"'`
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(hostile)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int:
			v.SetInt(7)
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		default:
			t.Fatalf("a row has a %s", v.Type())
		}
	}
	for name, change := range map[string]func(*row){
		"a child":            func(r *row) { r.Remark = "" },
		"unfolded":           func(r *row) { r.Remark, r.Who.Folded = "", false },
		"nothing to unfold":  func(r *row) { r.Remark, r.Who.Fold = "", "" },
		"a remark":           func(*row) {},
		"waits outside":      func(r *row) { r.Remark, r.Doing.Waits[0].Link = "", "" },
		"waits in no circle": func(r *row) { r.Remark, r.Doing.Waits[1].Cyclic = "", false },
	} {
		var r row
		fill(reflect.ValueOf(&r).Elem())
		change(&r)
		var m markup
		m.row(&r)
		html := string(m)
		if strings.Contains(html, "<b>") || strings.Contains(html, `&"`) || strings.Contains(html, `"'`) {
			t.Errorf("%s: %s", name, html)
		}
		if !strings.Contains(html, `&lt;b&gt;&amp;&#34;&#39;`) {
			t.Errorf("%s has no text: %s", name, html)
		}
	}
}
