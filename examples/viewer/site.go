package main

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// minuteLayout is how the pages have times, which are in UTC.
const minuteLayout = "2 Jan 2006, 15:04"

const noSuchPage = "There is no such page."

// site answers requests.
type site struct {
	calls *library
	pages map[string]*template.Template
}

// newSite returns the handler of all pages, for calls that are sorted.
func newSite(calls *library, hosts []string) http.Handler {
	s := &site{calls: calls, pages: make(map[string]*template.Template)}
	funcs := template.FuncMap{
		"clock": clock, "capital": capital, "day": day, "moment": moment, "pageOfTurn": pageOfTurn,
		"firstTexts": firstsOf[string], "firstItems": firstsOf[item], "firstFacts": firstsOf[fact], "firstTurns": firstsOf[int],
	}
	for _, page := range [...]string{"list", "call", "problems", "failure"} {
		s.pages[page] = template.Must(template.New("layout.html").Funcs(funcs).ParseFS(templateFiles, "templates/layout.html", "templates/"+page+".html"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /calls/{key}", s.call)
	mux.HandleFunc("GET /problems", s.problems)
	mux.HandleFunc("GET /assets/{name}", s.asset)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.fail(w, http.StatusNotFound, noSuchPage) })
	return guard(mux, hosts)
}

func (s *site) asset(w http.ResponseWriter, r *http.Request) {
	name := "assets/" + r.PathValue("name")
	if _, err := fs.Stat(assetFiles, name); err != nil {
		s.fail(w, http.StatusNotFound, noSuchPage)
		return
	}
	http.ServeFileFS(w, r, assetFiles, name) //nolint:gosec // one of the embedded files
}

// layout is what every page has.
type layout struct {
	Title    string // of the page
	Problems int    // places that could not be read
	Body     any
}

// render answers with a page.
func (s *site) render(w http.ResponseWriter, status int, page, title string, body any) {
	var text bytes.Buffer
	err := s.pages[page].Execute(&text, layout{Title: title, Problems: len(s.calls.problems) + s.calls.unlisted, Body: body})
	if err != nil {
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(harmless(text.Bytes())) // to a browser that may have gone
}

func (s *site) fail(w http.ResponseWriter, status int, what string) {
	s.render(w, status, "failure", http.StatusText(status), what)
}

// problemsBody is what could not be read.
type problemsBody struct {
	Listed   []problem
	Unlisted int
}

func (s *site) problems(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusOK, "problems", "What could not be read", problemsBody{s.calls.problems, s.calls.unlisted})
}

// capital is a text with a capital at its beginning.
func capital(text string) string {
	if text == "" {
		return ""
	}
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// moment is when a call began.
func moment(t time.Time) string {
	if t.IsZero() {
		return "time unknown"
	}
	return t.Format(minuteLayout)
}
