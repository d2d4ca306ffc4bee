package reading

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/callinsights/callinsights-go/benchmarks/plain"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// way is a way to read sessions: those of one page, or for what pages by itself, all
// that there are.
type way func(ctx context.Context, from source, each func()) error

// source is where a job reads.
type source struct {
	Job

	client *http.Client
}

func ways() map[string]way {
	return map[string]way{
		Discarding:  byHand(nothing),
		WholeBody:   byHand(whole),
		Piecewise:   byHand(tokens),
		Searching:   search,
		Exporting:   export(),
		OneWorker:   export(vonageinsights.Parallel(1)),
		TwoWorkers:  export(vonageinsights.Parallel(2)),
		FourWorkers: export(vonageinsights.Parallel(4)),
		ManyWorkers: export(vonageinsights.Parallel(8)),
		OneAhead:    export(vonageinsights.Prefetch(1)),
	}
}

func search(ctx context.Context, from source, each func()) error {
	client, err := from.open(vonageinsights.WithHTTPClient(from.client))
	if err != nil {
		return err
	}
	return count(client.Search(ctx, from.query()), each)
}

// export has the connections of its client, of which it may take several.
func export(opts ...vonageinsights.ExportOption) way {
	return func(ctx context.Context, from source, each func()) error {
		client, err := from.open()
		if err != nil {
			return err
		}
		return count(client.Export(from.query(), opts...).All(ctx), each)
	}
}

func (from source) open(opts ...vonageinsights.Option) (*vonageinsights.Client, error) {
	return vonageinsights.NewClient(from.Key, vonageinsights.EU, append(opts, vonageinsights.WithBaseURL(from.URL))...)
}

func (from source) query() vonageinsights.Query {
	return vonageinsights.Query{From: from.From, To: from.To, PageSize: from.Size}
}

func count(sessions iter.Seq2[*vonageinsights.Session, error], each func()) error {
	for _, err := range sessions {
		if err != nil {
			return err
		}
		each()
	}
	return nil
}

// byHand reads with net/http, and take makes sessions of the body.
func byHand(take func(body io.Reader, each func()) error) way {
	return func(ctx context.Context, from source, each func()) error {
		const wireTime = "2006-01-02T15:04:05.000000"
		query := url.Values{
			"from_date": {from.From.Format(wireTime)}, "to_date": {from.To.Format(wireTime)}, "page_size": {strconv.Itoa(from.Size)},
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, from.URL+"/insights/sessions?"+query.Encode(), http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("X-Vgai-Key", from.Key)
		response, err := from.client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the fake answered %s", response.Status)
		}
		return take(response.Body, each)
	}
}

func nothing(body io.Reader, _ func()) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

func whole(body io.Reader, each func()) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var page plain.Page
	if err := json.Unmarshal(text, &page); err != nil {
		return err
	}
	for range page.Hits {
		each()
	}
	return nil
}

// tokens is what encoding/json has for streams.
func tokens(body io.Reader, each func()) error {
	decoder := json.NewDecoder(body)
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		if key != "hits" {
			var other json.RawMessage
			err = decoder.Decode(&other)
		} else {
			err = hits(decoder, each)
		}
		if err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func hits(decoder *json.Decoder, each func()) error {
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		var session plain.Session
		if err := decoder.Decode(&session); err != nil {
			return err
		}
		each()
	}
	_, err := decoder.Token()
	return err
}
