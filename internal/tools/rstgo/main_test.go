package main

import (
	"slices"
	"strings"
	"testing"
)

const text = `A title
=======

.. code-block:: go

   package main

   func main() {}

.. code-block:: go
   :number-lines:

   n := 1

   n++
* An item

  .. code:: go

     func f() {
     }

.. code-block:: console

   not go
`

func TestBlocks(t *testing.T) {
	want := []block{
		{4, "package main\n\n   func main() {}\n"},
		{10, "n := 1\n\n   n++\n"},
		{18, "func f() {\n     }\n"},
	}
	if got := blocks(text); !slices.Equal(got, want) {
		t.Errorf("blocks = %+v, want %+v", got, want)
	}
}

func TestPlaceholders(t *testing.T) {
	const text = "takes @@e1 and DO_TIMES\n\n``CALL_NOTHING`` @@ a, DO_, UNDO_ALL, do_it, a@@\n=== LOOK_INFO"
	want := []placeholder{{1, "@@e1"}, {1, "DO_TIMES"}, {3, "CALL_NOTHING"}, {4, "LOOK_INFO"}}
	if got := placeholders(text); !slices.Equal(got, want) {
		t.Errorf("placeholders = %+v, want %+v", got, want)
	}
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		code string
		want string // empty: good
	}{
		"statements":           {"n := 1\nn++\n", ""},
		"declarations":         {"type T struct{ n int }\n", ""},
		"another package":      {"package shop\n\nvar x = undeclared\n", ""},
		"program":              {"// Says.\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n", ""},
		"program of no avail":  {"package main\n\nfunc main() { undeclared() }\n", "undefined: undeclared"},
		"statements, no brace": {"if true {\n", "not Go"},
	} {
		t.Run(name, func(t *testing.T) {
			err := block{code: test.code}.check("..")
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("err = %v, want %q", err, test.want)
			}
		})
	}
}
