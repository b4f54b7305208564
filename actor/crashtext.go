package actor

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// Who looks at a service from outside must not run its code: an Error that waits for a
// lock would hang whoever looks, and to walk through a map that somebody changes ends the
// program. So what the value of a panic says is found out once, where it has crashed,
// and as the runtime does it for the last panic of a program: errors and Stringers are
// asked, and of values that consist of others there is the type.

// maxText is the length in bytes at which the text of a value is cut.
const maxText = 1000

// asked returns what the value of a panic says, if that is for its own code to say, and
// "" otherwise. It is called where a closure that hangs could be cut off.
func asked(value any) string {
	if harmless(value) {
		return "" // whoever looks can see for himself
	}
	return said(value)
}

// said returns what the value of a panic says.
func said(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(%T, which panics when it is asked)", value)
		}
	}()
	switch v := value.(type) {
	case error:
		text = v.Error()
	case fmt.Stringer:
		text = v.String()
	default:
		text = plainText(v)
	}
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

func plainText(value any) string {
	if k := reflect.ValueOf(value).Kind(); k >= reflect.Bool && k <= reflect.Complex128 || k == reflect.String {
		return fmt.Sprint(value)
	}
	return fmt.Sprintf("(%T)", value)
}

var errorString = reflect.TypeOf(errors.New(""))

// harmless reports whether to ask a value runs none of the program's code.
func harmless(value any) bool {
	switch value.(type) {
	case string, runtime.Error:
		return true
	case error:
		return reflect.TypeOf(value) == errorString
	case fmt.Stringer, fmt.Formatter:
		return false
	}
	return true
}
