package observer

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// shown returns a text of the program's as it may stand on a page: bytes that are no UTF-8, and
// characters that cannot be seen or turn the text about, are written as Go would write them.
func shown(s string) string { return visible(s, "") }

// shownLines is shown of a text of several lines.
func shownLines(s string) string { return visible(s, "\n\t") }

func visible(s, allowed string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r) || strings.ContainsRune(allowed, r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[n:]
	}
	return b.String()
}

// asUTF8 returns a text as it comes in JSON, with U+FFFD in place of each byte that is no UTF-8.
func asUTF8(s string) string { return string([]rune(s)) }

// shortened returns the beginning of a text that is long.
func shortened(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// duration returns a duration with three digits, from a minute on in minutes and
// seconds, from 1000 seconds on in hours and minutes, and from a day on in days and hours.
func duration(d time.Duration) string {
	d = max(d, 0)
	if d >= 1000*time.Second {
		if d = d.Round(time.Minute); d < 24*time.Hour {
			return strings.TrimSuffix(d.String(), "0s")
		}
		hours := d.Round(time.Hour) / time.Hour
		return fmt.Sprintf("%dd%dh", hours/24, hours%24)
	}
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(min(unit, time.Second)).String()
}

// brief returns a duration with two digits, which changes less from look to look.
func brief(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 100 {
		unit *= 10
	}
	return duration(d.Round(unit))
}

// ago says in one unit how long ago something was.
func ago(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// perSecond returns a rate with two digits, or all of them from 100 on.
func perSecond(rate float64) string {
	switch {
	case rate == 0:
		return "0"
	case rate < 10:
		return strconv.FormatFloat(rate, 'f', 1, 64)
	}
	return grouped(uint64(rate + 0.5))
}

// grouped returns a number, which is not negative, with its digits in groups of three.
func grouped[N int | uint64](n N) string {
	s := strconv.FormatUint(uint64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// counted returns a number with what it counts.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// function returns where a function is, in short: pkg.(*T).Method file.go:12.
func function(name, file string, line int) string {
	if name == "" {
		return "a function without a name"
	}
	return fmt.Sprintf("%s %s:%d", shown(base(name)), shown(base(file)), line)
}

// base returns what follows the last slash.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
