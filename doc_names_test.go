package nanoservices_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// names are the exported names of the library's packages, and of its examples: by package,
// and the fields and methods by type.
type names struct {
	of      map[string]map[string]bool // "actor" -> "Start"
	any     map[string]bool            // names of any package
	members map[string]map[string]bool // "Info" -> "Queued", whichever package has it
}

func (n names) add(pkg, name string) {
	if n.of[pkg] == nil {
		n.of[pkg] = map[string]bool{}
	}
	n.of[pkg][name], n.any[name] = true, true
}

func (n names) addMember(of, name string) {
	if n.members[of] == nil {
		n.members[of] = map[string]bool{}
	}
	n.members[of][name] = true
}

// exportedNames reads the packages in dirs.
func exportedNames(t *testing.T, dirs ...string) names {
	t.Helper()
	n := names{map[string]map[string]bool{}, map[string]bool{}, map[string]map[string]bool{}}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_go127.go"):
				return nil
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err == nil {
				n.read(f)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// isPath reports whether a field has the one name, and a member of any type the other: of
// what a table calls Closure.Age it is left out whose field Closure is.
func (n names) isPath(field, name string) bool {
	isField, isMember := false, false
	for _, members := range n.members {
		isField, isMember = isField || members[field], isMember || members[name]
	}
	return isField && isMember
}

func (n names) read(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				n.add(f.Name.Name, d.Name.Name)
			} else if id := receiver(d.Recv.List[0].Type); id != "" {
				n.addMember(id, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, id := range s.Names {
						n.add(f.Name.Name, id.Name)
					}
				case *ast.TypeSpec:
					n.add(f.Name.Name, s.Name.Name)
					n.readType(s)
				}
			}
		}
	}
}

func (n names) readType(s *ast.TypeSpec) {
	var fields *ast.FieldList
	switch typ := s.Type.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields = typ.Methods
	default:
		return
	}
	for _, field := range fields.List {
		for _, id := range field.Names {
			n.addMember(s.Name.Name, id.Name)
		}
		if len(field.Names) == 0 {
			n.addMember(s.Name.Name, "…") // embeds something, whose members it has
		}
	}
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

var (
	literals  = regexp.MustCompile("``([^`]+)``")
	qualified = regexp.MustCompile(`\b(actor|topic|supervisor|pool|observer|httpserver|mailbox)\.([A-Z]\w*)`)
	ofType    = regexp.MustCompile(`(?:^|[^\w.])\(?\*?([A-Z]\w*)(?:\[\w+\])?\)?\.([A-Z]\w*)`)
	sentinel  = regexp.MustCompile(`(?:^|[^\w.])(Err[A-Z]\w*)`)
)

// What a text names in passing exists, too: functions and types of packages, members of their
// types, and errors.
func TestNamesInTextsExist(t *testing.T) {
	library := exportedNames(t, "actor", "supervisor", "mailbox", "internal")
	all := exportedNames(t, "actor", "supervisor", "examples")                       // those of package mailbox are not what users meet
	for _, name := range []string{"ErrDoNotRestart", "ErrTerminateSupervisorTree"} { // of suture
		all.any[name] = true
	}
	found := 0
	for _, file := range rstFiles(t) {
		if file == "CHANGELOG.rst" { // which names what is gone
			continue
		}
		for _, m := range literals.FindAllStringSubmatch(read(t, file), -1) {
			for _, q := range qualified.FindAllStringSubmatch(m[1], -1) {
				if found++; !library.of[q[1]][q[2]] {
					t.Errorf("%s: there is no %s.%s", file, q[1], q[2])
				}
			}
			for _, q := range ofType.FindAllStringSubmatch(m[1], -1) {
				members := library.members[q[1]]
				if members == nil || members["…"] {
					continue // another library's, or more than can be seen here
				}
				if found++; !members[q[2]] && !library.isPath(q[1], q[2]) {
					t.Errorf("%s: %s has no %s", file, q[1], q[2])
				}
			}
			for _, q := range sentinel.FindAllStringSubmatch(m[1], -1) {
				if found++; !all.any[q[1]] {
					t.Errorf("%s: there is no %s", file, q[1])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("%d names were found, which are too few to be all", found)
	}
}
