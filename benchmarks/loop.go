package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// loop reads the corpus page by page with net/http and encoding/json alone. Less
// than 60 days and 10,000 sessions is all that this can read.
func loop(ctx context.Context, base string, c *corpus, each func(n int)) error {
	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	n := 0
	for number := 0; ; number++ {
		p, err := fetch(ctx, client, base, c, number)
		if err != nil {
			return err
		}
		for range p.Hits {
			n++
			each(n)
		}
		if len(p.Hits) < pageSize {
			return c.check(n)
		}
	}
}

func fetch(ctx context.Context, client *http.Client, base string, c *corpus, number int) (*plain.Page, error) {
	const day = "2006-01-02"
	query := url.Values{
		"from_date": {c.query().From.Format(day)}, "to_date": {c.query().To.Format(day)},
		"sort_by": {"session_start_time:asc"}, "page_size": {strconv.Itoa(pageSize)}, "page_number": {strconv.Itoa(number)},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/insights/sessions?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the fake answered %s", response.Status)
	}
	p := new(plain.Page)
	return p, json.NewDecoder(response.Body).Decode(p)
}

// check refuses a measurement that is worth nothing, as it is of something else.
func (c *corpus) check(sessions int) error {
	if sessions != c.Sessions {
		return fmt.Errorf("read %d sessions of %d", sessions, c.Sessions)
	}
	return nil
}
