package transport

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

const (
	maxText = 500
	// minSecret keeps a very short key from being replaced inside of words.
	minSecret = 4
)

// clean makes a text from outside fit for one line, without the secrets and of at
// most 500 bytes. It is not to be cut before: half a secret is not recognised.
func clean(text string, secrets ...opaque.Secret) string {
	return cut(strings.TrimSpace(redact(oneLine(text), secrets)))
}

// oneLine makes a text valid, without control and formatting characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// redact replaces the secrets, which a server may echo, also as a part of a URL.
func redact(text string, secrets []opaque.Secret) string {
	for _, hidden := range secrets {
		secret := hidden.Reveal()
		if len(secret) < minSecret {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, "REDACTED")
		}
	}
	return text
}

// tidy cleans every text of e that came from outside, in answer to a request
// with that query.
func tidy(e *callinsights.Error, query string, secrets []opaque.Secret) {
	values := queryValues(withoutPaging(query))
	tidyTexts(&e.Code, &e.Message, values, secrets)
	e.RequestID = clean(e.RequestID, secrets...)
	for i := range e.Details {
		detail := &e.Details[i]
		tidyTexts(&detail.Code, &detail.Message, values, secrets)
		detail.Parameter = clean(detail.Parameter, secrets...)
	}
	if e.Err == nil {
		return
	}
	text := e.Err.Error()
	shown := redact(text, secrets)
	if _, long := errors.AsType[*shortened](e.Err); long {
		shown = cut(shown)
	}
	if shown != text {
		e.Err = &rewritten{shown, e.Err}
	}
}

// tidyTexts cleans a code and the message beside it. A code goes where no text
// of the service does, so what does not look like one is a message.
func tidyTexts(code, message *string, values []string, secrets []opaque.Secret) {
	text := *code
	if *code = clean(text, secrets...); !isCode(*code) {
		*code, *message = "", cmp.Or(*message, text)
	}
	for _, value := range values {
		*message = strings.ReplaceAll(*message, value, "\u2026")
	}
	*message = clean(*message, secrets...)
}

const maxCode = 64

func isCode(s string) bool {
	return len(s) <= maxCode && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

// queryValues are the values of a query as they are sent and as they are meant,
// but for very short ones, the longest first. They may be personal data, and a
// service may repeat them.
func queryValues(query string) []string {
	var values []string
	for pair := range strings.SplitSeq(query, "&") {
		_, sent, _ := strings.Cut(pair, "=")
		meant, _ := url.QueryUnescape(sent)
		for _, value := range []string{sent, meant} {
			if len(value) >= minSecret {
				values = append(values, value)
			}
		}
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return values
}

// withoutPaging is a query without the numbers by which the clients turn pages:
// they are nobody's data, and a text may hold such a number for other reasons.
func withoutPaging(query string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(query, "&"), isPaging), "&")
}

const maxPaging = len("10000")

func isPaging(pair string) bool {
	name, value, _ := strings.Cut(pair, "=")
	switch name {
	case "page", "perPage", "page_number", "page_size":
		return len(value) <= maxPaging && strings.Trim(value, "0123456789") == ""
	default:
		return false
	}
}

// networkError returns err, which is of no kind of failure itself, without the
// texts of the *url.Error that net/http and others put around it, which quote the
// URL with its query.
func networkError(err error) error {
	for {
		around, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = around.Err
	}
	err = fault.Foreign(err)
	if text := oneLine(cutURLs(err.Error())); text != err.Error() || len(text) > maxText {
		return &shortened{rewritten{text, err}}
	}
	return err
}

// cutURLs leaves no more of the URLs in a text than scheme and host.
func cutURLs(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := strings.IndexAny(after, " \t\r\n\"'<>")
		if end < 0 {
			end = len(after)
		}
		host := after[:end]
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		host = host[strings.LastIndexByte(host, '@')+1:]
		b.WriteString("://" + host)
		text = after[end:]
	}
}

// rewritten is an error whose text held a credential. It is what it was for
// errors.Is, but nobody who unwraps it, or asks for its type, comes to a value
// that holds the credential as well.
type rewritten struct {
	text string
	err  error
}

func (e *rewritten) Error() string        { return e.text }
func (e *rewritten) Is(target error) bool { return errors.Is(e.err, target) }

// shortened is an error whose text held a URL, or is long and still to be cut. By their types the stages around
// tell the failures of a network apart.
type shortened struct{ rewritten }

func (e *shortened) As(target any) bool { return errors.As(e.err, target) }
