package main

import (
	"cmp"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A tableRow is what became of a method, or of a type.
type tableRow struct {
	subject string // Type or Type.Method
	fate    string
	why     string
	marks   []string
}

func (r *tableRow) compare(other *tableRow) int { return cmp.Compare(r.subject, other.subject) }

// line returns the row as it stands in the table.
func (r *tableRow) line() string {
	s := fmt.Sprintf("  %-40s %s", r.subject, r.fate)
	if r.why != "" {
		s += ": " + r.why
	}
	for _, mark := range r.marks {
		s += ", " + mark
	}
	return s + "\n"
}

// reasonWords have a word for each refusal and warning.
var reasonWords = []struct{ part, word string }{
	{"may get a part of the service's state", "part"},
	{": its caller would use the service's state", "state"},
	{"is not known", "type"},
	{"go vet wants", "vet"},
	{"is not needed any more", "mutex"},
	{"has a value receiver", "copies a lock"},
	{"would be Serve(context.Context) error", "Serve"},
	{"has a type of ", "internal"},
	{"which is not exported", "unexported"},
	{"has a type with the unexported", "unexported"},
	{"a constructor of ", "constructor"},
	{"does not make every", "constructor"},
	{"is not a struct", "no struct"},
	{"is to be generated, and", "name"},
}

// word returns the word for a reason.
func word(t *testing.T, reason string) string {
	t.Helper()
	for _, row := range reasonWords {
		if strings.Contains(reason, row.part) {
			return row.word
		}
	}
	t.Errorf("no word in reasonWords for %q", reason)
	return "?"
}

// waitsBecause is how a line begins that says why a method without results waits.
var waitsBecause = regexp.MustCompile(`^waits: it ([^;]*);`)

// note adds rows for what was generated, and writes the files.
func (s *subject) note(t *testing.T, outs []*output, found *findings) {
	t.Helper()
	rows := map[string]*tableRow{}
	for _, o := range outs {
		if err := o.write(); err != nil {
			t.Fatal(err)
		}
		for _, svc := range o.services {
			for _, m := range svc.methods {
				row := &tableRow{subject: svc.name + "." + m.name, fate: "waits"}
				if m.kind == tell {
					row.fate = "asynchronous"
				}
				rows[row.subject] = row
				s.rows = append(s.rows, row)
			}
		}
	}
	for _, w := range found.warnings {
		row := rows[w.subject]
		if m := waitsBecause.FindStringSubmatch(w.reason); m != nil && row != nil {
			row.why = m[1]
			continue
		}
		if strings.Contains(w.reason, "is no child of a supervisor") {
			continue // as the names of its methods say, which stand here
		}
		if row == nil {
			row = &tableRow{subject: w.subject, fate: "-"}
			rows[w.subject] = row
			s.rows = append(s.rows, row)
		}
		row.marks = append(row.marks, "warned: "+word(t, w.reason))
	}
}

// vetFinding is what go vet says of a file, if that compiles.
var vetFinding = regexp.MustCompile(`^(\S+\.go):\d+:\d+: (.*)`)

// vetSignature is what it says of a method that has the name of a well-known one.
var vetSignature = regexp.MustCompile(`^method (\w+)\(.*should have signature`)

// vet compiles and vets all that was generated, and marks the methods of which go vet
// complains.
func (f *foreignModule) vet(t *testing.T, chosen []*subject) {
	t.Helper()
	cmd := exec.Command("go", "vet", "./wrap/...", "./source/...")
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "PWD="+f.dir, "GOWORK=off")
	said, _ := cmd.CombinedOutput() // it fails for what the copied sources have, too
	for line := range strings.Lines(string(said)) {
		line = strings.TrimSpace(line)
		m := vetFinding.FindStringSubmatch(line)
		switch {
		case m == nil && !strings.HasPrefix(line, "#"):
			t.Errorf("go vet: %s", line)
		case m == nil || !strings.HasSuffix(m[1], "_service.go"):
		default:
			sig := vetSignature.FindStringSubmatch(m[2])
			if sig == nil || !markVetted(chosen, filepath.Join(f.dir, m[1]), sig[1]) {
				t.Errorf("go vet: %s", line)
			}
		}
	}
	for _, s := range chosen {
		for _, row := range s.rows {
			if slices.Contains(row.marks, "vet") != slices.Contains(row.marks, "warned: vet") {
				t.Errorf("%s %s: go vet and the warnings of what it says differ: %v", s.title(), row.subject, row.marks)
			}
		}
	}
}

// markVetted marks a method of which go vet complains. It reports whether there is one.
func markVetted(chosen []*subject, file, method string) (found bool) {
	for _, s := range chosen {
		for _, row := range s.rows {
			typ, name, _ := strings.Cut(row.subject, ".")
			if name != method || filepath.Join(s.dir, strings.ToLower(typ)+"_service.go") != file {
				continue
			}
			found = true
			if !slices.Contains(row.marks, "vet") { // the interface has the method, too
				row.marks = append(row.marks, "vet")
			}
		}
	}
	return found
}

const tableHead = `# What becomes of the methods of types that were not written for nanogen. TestForeign
# compares it, and writes it with -long -rewrite. The standard library is that of %s.
`

// compare compares the rows of the chosen subjects with the table.
func (f *foreignModule) compare(t *testing.T, all, chosen []*subject) {
	t.Helper()
	path := filepath.Join("testdata", "foreign", "table.txt")
	text, _ := os.ReadFile(path)
	head := fmt.Sprintf(tableHead, version.Lang(runtime.Version()))
	sameGo := strings.HasPrefix(string(text), head)
	if !sameGo && !*rewrite {
		t.Log("not compared: the standard library, which is another one than in the table")
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n\n")[1:] {
		title, rows, _ := strings.Cut(strings.Trim(section, "\n"), "\n")
		sections[title] = rows + "\n"
	}
	for _, s := range chosen {
		var rows strings.Builder
		for _, r := range s.rows {
			rows.WriteString(r.line())
		}
		if !*rewrite && (sameGo || !isStd(s.path)) {
			if d := diff("table.txt: "+s.title(), "what the test got", []byte(sections[s.title()]), []byte(rows.String())); d != "" {
				t.Error(d)
			}
		}
		sections[s.title()] = rows.String()
	}
	var b strings.Builder
	b.WriteString(head)
	for _, s := range all {
		b.WriteString("\n" + s.title() + "\n" + sections[s.title()])
		delete(sections, s.title())
	}
	for title := range sections {
		if !*rewrite {
			t.Errorf("table.txt: %s is not in subjects.txt", title)
		}
	}
	if *rewrite {
		writeFile(t, path, b.String())
	}
}
