package main

import (
	"fmt"
	"net/url"
	"strconv"
)

// paging is where one is in something that is shown in pages.
type paging struct {
	Page, Pages int // from 1
	First, Last int // numbers of what is on the page, from 1
	Total       int
}

// pageOf is a page of so many things, with no more than per on each. Behind the last
// page is the last one.
func pageOf(page, total, per int) paging {
	p := paging{Pages: max((total+per-1)/per, 1), Total: total}
	p.Page = min(page, p.Pages)
	p.First, p.Last = (p.Page-1)*per+1, min(p.Page*per, total)
	return p
}

// parsePage reads which page an address asks for, 1 if it does not say.
func parsePage(v url.Values) (int, error) {
	text := v.Get("page")
	if text == "" {
		return 1, nil
	}
	page, err := strconv.Atoi(text)
	if err != nil || page < 1 {
		return 0, fmt.Errorf("page: %q is not a number from 1 on", text)
	}
	return page, nil
}

// setPage says in an address which page it is of. It need not say the first.
func setPage(v url.Values, page int) {
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
}
