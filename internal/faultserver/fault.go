package faultserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong between a client and a service.
type Fault struct {
	// Name says what.
	Name string
	// Answer answers the n-th request, from 1, that meets the fault. good is the
	// body of the proper answer; a nil Answer gives it.
	Answer func(x *Exchange, n int, good string) (keep bool)
	// Network is what goes wrong with the connection.
	Network Network
	// TLS says that the client is to use https, with the host [TLSHost].
	TLS bool
	// Idle says that the client is to have an idle connection to the server.
	Idle bool
}

// Faults returns the list. The faults keep the state of one run; those of TLS
// use the certificates of a.
func Faults(a *Authority) []Fault {
	return slices.Concat(connectionFaults(), tlsFaults(a), slowFaults(), rateFaults(), statusFaults(), bodyFaults(), documentFaults())
}

// Handler plays the fault, with good as the body of the proper answer.
func (f Fault) Handler(good string) Handler {
	var mu sync.Mutex
	n := 0
	return func(x *Exchange) bool {
		if f.Answer == nil {
			return x.Reply(http.StatusOK, good, jsonType)
		}
		mu.Lock()
		n++
		mine := n
		mu.Unlock()
		return f.Answer(x, mine, good)
	}
}

const jsonType = "Content-Type: application/json"

// always answers with that status and those headers.
func always(status int, headers ...string) func(*Exchange, int, string) bool {
	return func(x *Exchange, _ int, _ string) bool { return x.Reply(status, "{}", headers...) }
}

// rateFaults are refusals of too many requests.
func rateFaults() []Fault {
	date := func(layout string) func(*Exchange, int, string) bool {
		return func(x *Exchange, _ int, _ string) bool {
			at := time.Now().UTC().Add(7 * time.Second).Format(layout)
			return x.Reply(http.StatusTooManyRequests, "{}", "Retry-After: "+at)
		}
	}
	return []Fault{
		{Name: "429 with seconds", Answer: always(429, "Retry-After: 7")},
		{Name: "429 with a date", Answer: date(http.TimeFormat)},
		{Name: "429 with an RFC 850 date", Answer: date("Monday, 02-Jan-06 15:04:05 GMT")},
		{Name: "429 with an asctime date", Answer: date(time.ANSIC)},
		{Name: "429 bare", Answer: always(429)},
		{Name: "429 with garbage", Answer: always(429, "Retry-After: soon")},
		{Name: "429 with a negative wait", Answer: always(429, "Retry-After: -5")},
		{Name: "429 with an overflow", Answer: always(429, "Retry-After: 9223372037")},
		{Name: "429 for an hour", Answer: always(429, "Retry-After: 3600")},
		{Name: "429 beyond the deadline", Answer: always(429, "Retry-After: 60")},
		{Name: "429 with a penalty that restarts", Answer: restartingPenalty()},
	}
}

// restartingPenalty refuses the first request, and starts its minute anew with
// each request that comes before it is over.
func restartingPenalty() func(*Exchange, int, string) bool {
	var mu sync.Mutex
	var until time.Time
	return func(x *Exchange, n int, good string) bool {
		mu.Lock()
		refused := n == 1 || time.Now().Before(until)
		if refused {
			until = time.Now().Add(time.Minute)
		}
		mu.Unlock()
		if refused {
			return x.Reply(http.StatusTooManyRequests, "{}", "Retry-After: 60")
		}
		return x.Reply(http.StatusOK, good, jsonType)
	}
}

// statusFaults are whole answers that are no success.
func statusFaults() []Fault {
	to := func(code int, location string) Fault {
		return Fault{Answer: always(code, "Location: "+location)}
	}
	named := func(name string, f Fault) Fault { f.Name = name; return f }
	return []Fault{
		{Name: "500 for ever", Answer: always(500)},
		{Name: "502 with a page", Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Reply(http.StatusBadGateway, "<html><h1>Bad Gateway</h1></html>", "Content-Type: text/html")
		}},
		{Name: "503 twice", Answer: func(x *Exchange, n int, good string) bool {
			if n <= 2 {
				return x.Reply(http.StatusServiceUnavailable, "{}")
			}
			return x.Reply(http.StatusOK, good, jsonType)
		}},
		{Name: "503 with seconds", Answer: always(503, "Retry-After: 15")},
		{Name: "504 for ever", Answer: always(504)},
		{Name: "408 for ever", Answer: always(408)},
		{Name: "401 once", Answer: func(x *Exchange, n int, good string) bool {
			if n == 1 {
				return x.Reply(http.StatusUnauthorized, "{}")
			}
			return x.Reply(http.StatusOK, good, jsonType)
		}},
		{Name: "401 for ever", Answer: always(401)},
		{Name: "403", Answer: always(403)},
		{Name: "404", Answer: always(404)},
		{Name: "501", Answer: always(501)},
		{Name: "an echo of the request", Answer: echo(400)},
		{Name: "an echo of the request, failing", Answer: echo(500)},
		named("a redirect to another host", to(302, "https://elsewhere.test/steal?key=1")),
		named("a redirect to another port", to(307, "http://localhost:9090/steal")),
		named("a redirect in clear", to(308, "http://service.test/steal")),
		named("a redirect to a subdomain", to(301, "https://a.service.test/steal")),
		{Name: "a redirect loop", Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Reply(http.StatusFound, "{}", "Location: "+x.Request.URL.Path)
		}},
		{Name: "status 099", Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Write("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n")
		}},
		{Name: "status 999", Answer: always(999)},
		{Name: "a megabyte of error", Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Reply(http.StatusInternalServerError, strings.Repeat("x", 1<<20))
		}},
	}
}

// echo repeats all of the request wherever an answer has room for it.
func echo(status int) func(*Exchange, int, string) bool {
	return func(x *Exchange, _ int, _ string) bool {
		var all strings.Builder
		for name, values := range x.Request.Header {
			fmt.Fprintf(&all, "%s: %s; ", name, strings.Join(values, ", "))
		}
		all.WriteString(x.Body)
		text := all.String()
		return x.Reply(status,
			fmt.Sprintf(`{"error":%q,"errorCode":%q,"message":%q,"errors":[{"errorCode":%q,"message":%q,"parameterName":%q}]}`, text, text, text, text, text, text),
			"RCRequestId: "+text, "X-Request-Id: "+text, "X-Rate-Limit-Group: "+text, "Location: https://"+text)
	}
}
