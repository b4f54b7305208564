package remote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Subjects of version 1.
const (
	callSubject   = "nano.1.c." // name.Method
	cancelSubject = "nano.1.x." // name
	pingSubject   = "nano.1.p." // name
	inboxSubject  = "_INBOX"    // .node.number; or nats.CustomInboxPrefix

	queueGroup = "nano"

	maxName   = 200 // bytes of a name
	maxPrefix = 128 // bytes of a prefix of inboxes
)

// Headers of a request, and of an answer.
const (
	headerSig     = "Nano-Sig"
	headerTimeout = "Nano-Timeout" // microseconds that the server has
	headerExpires = "Nano-Expires" // Unix milliseconds
	headerType    = "Content-Type"
	headerError   = "Nano-Error"
	headerStatus  = "Status" // NATS'

	statusNobody = "503"
	jsonType     = "application/json"
)

// isToken reports whether s is one token of a subject, and may be a method's name: letters,
// digits and _.
func isToken(s string) bool {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// mustName panics if name cannot be that of a binding: tokens of A-Z a-z 0-9 _ - joined by
// dots.
func mustName(name string) {
	ok := name != "" && len(name) <= maxName
	for token := range strings.SplitSeq(name, ".") {
		ok = ok && token != "" && strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	}
	must(ok, fmt.Sprintf("remote: a name is tokens of A-Z a-z 0-9 _ - joined by dots, not %.100q", name))
}
