package main

import (
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

// get asks for a page, as a browser on this machine does.
func get(handler http.Handler, path string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Host = "127.0.0.1:8080"
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// TestHeaders: every answer has what keeps it harmless, of whatever kind it is.
func TestHeaders(t *testing.T) {
	t.Parallel()
	site := newSite(demoLibrary(t), nil)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/":                    {200, "text/html; charset=utf-8"},
		"/?q=%3Cscript%3E":     {200, "text/html; charset=utf-8"},
		"/?from=x":             {400, "text/html; charset=utf-8"},
		"/problems":            {200, "text/html; charset=utf-8"},
		"/assets/style.css":    {200, "text/css; charset=utf-8"},
		"/assets/mark.svg":     {200, "image/svg+xml"},
		"/assets/none.css":     {404, "text/html; charset=utf-8"},
		"/assets/..%2Fgo.mod":  {404, "text/html; charset=utf-8"},
		"/assets/":             {404, "text/html; charset=utf-8"},
		"/calls/":              {404, "text/html; charset=utf-8"},
		"/calls/0123456789abc": {404, "text/html; charset=utf-8"},
		"/calls/a/b":           {404, "text/html; charset=utf-8"},
		"/favicon.ico":         {404, "text/html; charset=utf-8"},
	} {
		answer := get(site, path)
		got := answer.Result().Header
		if answer.Code != want.status || got.Get("Content-Type") != want.kind {
			t.Errorf("%s: got %d, %s", path, answer.Code, got.Get("Content-Type"))
		}
		policy := map[string]bool{}
		for part := range strings.SplitSeq(got.Get("Content-Security-Policy"), ";") {
			policy[strings.TrimSpace(part)] = true
		}
		wantPolicy := map[string]bool{
			"default-src 'none'": true, "style-src 'self'": true, "img-src 'self'": true,
			"form-action 'self'": true, "base-uri 'none'": true, "frame-ancestors 'none'": true,
		}
		if diff := cmp.Diff(wantPolicy, policy); diff != "" {
			t.Errorf("%s: policy (-want +got):\n%s", path, diff)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s: got %q, want %q", path, name, got.Get(name), want)
			}
		}
	}
}

// TestHost: a name that a stranger made lead here is not answered to.
func TestHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"127.0.0.1:8080":         200,
		"127.0.0.1":              200,
		"127.9.9.9:1":            200,
		"localhost:8080":         200,
		"LOCALHOST":              200,
		"[::1]:8080":             200,
		"[::1]":                  200,
		"calls.example.com:8080": 200,
		"Calls.Example.com":      200,
		"192.0.2.7:8080":         200,
		"":                       421,
		"example.com":            421,
		"evil.example":           421,
		"localhost.evil.example": 421,
		"127.0.0.1.evil.example": 421,
		"evil.example:8080":      421,
		"192.0.2.8":              421,
		"localhost@evil.example": 421,
		"0.0.0.0:8080":           421,
	} {
		site := newSite(demoLibrary(t), []string{"calls.example.com", "192.0.2.7"})
		for _, path := range []string{"/", "/assets/style.css"} {
			request := httptest.NewRequest(http.MethodGet, path, nil)
			request.Host = host
			answer := httptest.NewRecorder()
			site.ServeHTTP(answer, request)
			if answer.Code != want {
				t.Errorf("%q, %s: got %d, want %d", host, path, answer.Code, want)
			}
			if strings.Contains(answer.Body.String(), "Lindqvist") != (want == 200 && path == "/") {
				t.Errorf("%q, %s: shows calls, or none: %.100q", host, path, answer.Body)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	site := newSite(demoLibrary(t), nil)
	for method, want := range map[string]int{
		http.MethodGet: 200, http.MethodHead: 200, http.MethodPost: 405, http.MethodDelete: 405, http.MethodOptions: 405,
	} {
		request := httptest.NewRequest(method, "http://localhost/", strings.NewReader("q=x"))
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, request)
		if answer.Code != want || want == 405 && answer.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d, %v", method, answer.Code, answer.Header())
		}
	}
}

// TestEscaping: what strangers say appears as they said it, and makes no element,
// attribute or address of its own. A page has as many "<" and quotes as the page of
// a call with the same shape and plain words.
func TestEscaping(t *testing.T) {
	t.Parallel()
	plain := hostilePages(t, "plain")
	for _, p := range payloads {
		t.Run(shorten(p, 40), func(t *testing.T) {
			t.Parallel()
			for name, page := range hostilePages(t, p) {
				for _, mark := range []string{"<", ">", `"`, "'"} {
					if want, got := strings.Count(plain[name], mark), strings.Count(page, mark); got != want {
						t.Errorf("%s: got %d times %s, want %d", name, got, mark, want)
					}
				}
				if strings.ContainsFunc(page, isHidden) {
					t.Errorf("%s has a character that nobody sees", name)
				}
				if name != "problems" && !strings.Contains(html.UnescapeString(page), string(harmless([]byte(p)))) {
					t.Errorf("%s does not show what was said", name)
				}
			}
		})
	}
}

// hostilePages are the pages of a call of each service that has p in all its texts.
func hostilePages(t *testing.T, p string) map[string]string {
	t.Helper()
	pages := make(map[string]string)
	for name, document := range map[string][]byte{
		"ringsense": hostileRecording(t, 0, p), "vonage": hostileSession(t, 0, p), "whippy": hostileCall(0, p),
	} {
		calls := newLibrary(1 << 20)
		if err := addDocument(calls, document); err != nil {
			t.Fatal(err)
		}
		calls.report(p, fmt.Errorf("%s", p))
		calls.sort()
		site := newSite(calls, nil)
		pages[name] = get(site, "/calls/"+calls.all[0].key()).Body.String()
		pages[name+" in the list"] = get(site, "/?service="+name).Body.String()
		pages["problems of "+name] = get(site, "/problems").Body.String()
	}
	return pages
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain, é, 日本, שלום":          "plain, é, 日本, שלום",
		"line\nand\ttab\r":            "line\nand\ttab\r",
		"a\u200db\u200cc":             "a\u200db\u200cc", // joined, and not, as scripts and emoji need
		"a\u202eb\u2066c\u2069\u200f": "a⟨U+202E⟩b⟨U+2066⟩c⟨U+2069⟩⟨U+200F⟩",
		"\x00\x1b[31m\x7f\u0085":      "⟨U+0000⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+0085⟩",
		"\u200b\ufeff\u2028\u061c":    "⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+061C⟩",
		"\U000E0041":                  "⟨U+E0041⟩",
		"bad \xff bytes":              "bad \uFFFD bytes",
	} {
		if got := string(harmless([]byte(text))); got != want {
			t.Errorf("harmless(%q) = %q, want %q", text, got, want)
		}
	}
}

// linkPattern finds the links to the calls of a list.
var linkPattern = regexp.MustCompile(`<a class="title" href="([^"]*)"><bdi>(.*?)</bdi>`)

// listed returns the titles on a page of the list, in which what was found is in
// brackets.
func listed(t *testing.T, site http.Handler, path string) []string {
	t.Helper()
	answer := get(site, path)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: got %d", path, answer.Code)
	}
	var all []string
	for _, link := range linkPattern.FindAllStringSubmatch(answer.Body.String(), -1) {
		all = append(all, html.UnescapeString(strings.NewReplacer("<mark>", "[", "</mark>", "]").Replace(link[2])))
	}
	return all
}

func TestFilters(t *testing.T) {
	t.Parallel()
	site := newSite(demoLibrary(t), nil)
	const marta, samir, odile = "Call from Marta Lindqvist to Jonas Weber", "Call from Priya Raman to Samir Okafor", "Call from Odile Marchetti to Priya Raman"
	for query, want := range map[string][]string{
		"q=bakery+roof":                                   {marta, "Handover, week 44"},
		"q=BAKERY+Roof":                                   {marta, "Handover, week 44"},
		"q=lindqvist":                                     {"Call from Marta [Lindqvist] to Jonas Weber"},
		"q=%2B12025550158":                                {marta},
		"q=howls&by=customer":                             {marta},
		"q=howls&by=agent":                                {marta}, // who repeats it
		"q=flour&by=agent&to=2026-10-28":                  nil,
		"q=cancel+everything&by=customer":                 {odile},
		"q=cancel+everything&by=agent":                    nil,
		"service=whippy&direction=outbound":               {"Call to +12025550183", "Call to +12025550129"},
		"service=ringsense&sentiment=negative":            {odile, "Call from +12025550181 to Priya Raman"},
		"service=ringsense&sentiment=none":                {"Handover, week 44", "Installation plan, week 43"},
		"service=ringsense&from=2026-10-27&to=2026-10-28": {samir, odile},
		"from=2026-10-29&service=ringsense":               {marta},
		"length=0-1&service=whippy":                       {"Call to +12025550129", "Call from +12025550102", "Call from +12025550101"},
		"length=15-60":                                    {"Installation plan, week 43"},
		"length=60-":                                      nil,
		"q=%3Cb%3E":                                       nil,
		"to=2026-01-01":                                   nil,
	} {
		if diff := cmp.Diff(want, listed(t, site, "/?"+query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	for query, want := range map[string]string{
		"from=2026-13-01": `from: "2026-13-01" is not a day such as 2026-10-31`, "to=soon": `to: "soon" is not a day`,
		"from=soon&to=late": `from: "soon" is not a day`, // of several faults the first
		"by=me":             `by: "me" is not one of: agent customer`, "service=x": "service:", "sentiment=x": "sentiment:",
		"direction=x": "direction:", "length=x": "length:", "page=0": "page:", "page=x": "page:",
	} {
		answer := get(site, "/?"+query)
		if answer.Code != http.StatusBadRequest || !strings.Contains(html.UnescapeString(answer.Body.String()), want) {
			t.Errorf("%s: got %d without %q", query, answer.Code, want)
		}
	}
}

// TestPages: the pages of a list have each call once, newest first, and their links
// keep the filter.
func TestPages(t *testing.T) {
	t.Parallel()
	calls := newLibrary(16 << 20)
	var want []string
	const n = 2*perPage + 7
	for i := range n {
		title := fmt.Sprintf("Call %d", n-i)
		want = append(want, "[Call] "+strconv.Itoa(n-i))
		c := &conversation{Service: serviceWhippy, ID: title, Title: title}
		c.Start = c.Start.AddDate(2026, 0, n-i)
		if err := calls.add(c, 0); err != nil {
			t.Fatal(err)
		}
	}
	calls.sort()
	site := newSite(calls, nil)
	var got []string
	older := regexp.MustCompile(`href="([^"]*)" rel="next"`)
	pages := 0
	for path := "/?q=call&service=whippy"; path != ""; pages++ {
		got = append(got, listed(t, site, path)...)
		link := older.FindStringSubmatch(get(site, path).Body.String())
		path = ""
		if link != nil {
			path = html.UnescapeString(link[1])
			if address, err := url.Parse(path); err != nil || address.Query().Get("service") != "whippy" {
				t.Errorf("a page leads to %s", path)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
	if diff := cmp.Diff(want[2*perPage:], listed(t, site, "/?q=call&page=99")); diff != "" {
		t.Errorf("behind the last page (-want +got):\n%s", diff)
	}
	if text := get(site, "/?page=2").Body.String(); !strings.Contains(text, "26–50 of 57") || !strings.Contains(text, "Page 2 of 3") {
		t.Error("the second page does not say that it is")
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, text, want string }{
		{"", "text", "text"},
		{"x", "", ""},
		{"ab", "abAB cab", "[ab][AB] c[ab]"},
		{"a aab", "aab aa", "[aab] [a][a]"},
		{"über", "ÜBER über", "[ÜBER] [über]"},
		{"i", "İI", "[İ][I]"},
		{"<", "a<b", "a[<]b"},
	} {
		var got strings.Builder
		for _, p := range newWords(test.query).mark(test.text) {
			if p.Found {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != test.want {
			t.Errorf("%q in %q: got %q, want %q", test.query, test.text, got.String(), test.want)
		}
	}
}

// TestLongWord: of a word as much counts as is compared, whole characters of it.
func TestLongWord(t *testing.T) {
	t.Parallel()
	const most = maxWord
	for _, test := range []struct {
		name, query string
		want        words
	}{
		{"fits", strings.Repeat("a", most), words{strings.Repeat("a", most)}},
		{"a byte too many", strings.Repeat("A", most) + "b", words{strings.Repeat("a", most)}},
		{"far too long, between others", "x " + strings.Repeat("a", 1<<20) + " y", words{"x", strings.Repeat("a", most), "y"}},
		{"the same beginning", strings.Repeat("a", most) + "b " + strings.Repeat("a", most) + "c", words{strings.Repeat("a", most)}},
		{"fits whole characters", strings.Repeat("é", most/2) + "b", words{strings.Repeat("é", most/2)}},
		{"within a character", "x" + strings.Repeat("é", most), words{"x" + strings.Repeat("é", most/2-1)}},
		{"no characters", strings.Repeat("\xff", most), words{strings.Repeat("\uFFFD", most/3)}},
	} {
		if diff := cmp.Diff(test.want, newWords(test.query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	long := strings.Repeat("a", most) + "b"
	c := talking(0, agentSays(long, 0, 1))
	site := newSite(libraryOf(t, c), nil)
	for query, want := range map[string][]string{long: {"Talk"}, long + "c": {"Talk"}, "b" + long: nil} {
		if diff := cmp.Diff(want, listed(t, site, "/?q="+query)); diff != "" {
			t.Errorf("the calls with %s (-want +got):\n%s", query, diff)
		}
	}
}

// TestManyWords: whoever searches for more words than count is told so.
func TestManyWords(t *testing.T) {
	t.Parallel()
	var query strings.Builder
	for i := range maxWords {
		fmt.Fprintf(&query, "w%d ", i)
	}
	site := newSite(demoLibrary(t), nil)
	for name, test := range map[string]struct {
		query string
		told  bool
	}{
		"none":                  {"", false},
		"as many as count":      {query.String(), false},
		"one more":              {query.String() + "x", true},
		"one of them once more": {query.String() + "w1", false},
	} {
		page := get(site, "/?q="+url.QueryEscape(test.query)).Body.String()
		if told := strings.Contains(page, "Only the first 20 words of a search count."); told != test.told {
			t.Errorf("%s: the page says so: %t", name, told)
		}
		if n := len(newWords(test.query)); n > maxWords {
			t.Errorf("%s: %d words count", name, n)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("some words before it ", 20)
	for _, test := range []struct{ query, text, want string }{
		{"", "short", "short"},
		{"needle", "as long as there is room: a needle", "as long as there is room: a [needle]"},
		{"x", "a short one", "a short one"},
		{"needle", "needle " + long, "[needle] some words before it some words…"},
		{"needle", long + "needle and what follows it, at some length", "…words before it [needle] and what…"},
		{"needle", strings.Repeat("x", 60) + "needle", "…" + strings.Repeat("x", 20) + "[needle]"},
	} {
		var got strings.Builder
		for _, p := range newWords(test.query).excerpt(test.text, 40) {
			if p.Found {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != test.want {
			t.Errorf("%q: got %q, want %q", test.query, got.String(), test.want)
		}
	}
}

// TestReadme: the pictures of README.md are there, and say what they show.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pictures := regexp.MustCompile(`(?:src|srcset)="(testdata/[^"]*)"([^>]*)>`).FindAllStringSubmatch(string(text), -1)
	if len(pictures) != 4 {
		t.Errorf("%d pictures", len(pictures))
	}
	for _, picture := range pictures {
		file, err := os.Open(picture[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.DecodeConfig(file); err != nil {
			t.Errorf("%s: %v", picture[1], err)
		}
		_ = file.Close()
		if strings.Contains(picture[0], "src=") && !strings.Contains(picture[2], "alt=") {
			t.Errorf("%s has no words for those who cannot see it", picture[1])
		}
	}
}

// TestWithoutTimes: the page says why its bars mean something else.
func TestWithoutTimes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call *conversation
		want bool
	}{
		"times": {talking(0, agentSays("Hello", 0, 2)), false},
		"none":  {talking(0, agentSays("Hello", 0, 0)), true},
	} {
		calls := newLibrary(1 << 20)
		if err := calls.add(test.call, 0); err != nil {
			t.Fatal(err)
		}
		calls.sort()
		text := get(newSite(calls, nil), "/calls/"+test.call.key()).Body.String()
		if strings.Contains(text, "This service sends no times") != test.want {
			t.Errorf("%s: says that there are none, or not", name)
		}
	}
	if c := talking(0, callinsights.Turn{}); c.Timed || c.Title == "" {
		t.Errorf("got %+v", c)
	}
}

// TestOutsideLink: where a recording says that its page is may be anything.
func TestOutsideLink(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://ringsense.ringcentral.com/calls/1": "ringsense.ringcentral.com",
		"": "", "javascript:alert(1)": "", "http://example.com/": "", "data:text/html,x": "", "//example.com": "",
		"https://ringcentral.com@example.com/": "", ":": "", "https:///calls": "",
	} {
		if got := hostOf(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
