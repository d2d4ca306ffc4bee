// Package studio is what the example programs for AI Studio share: the flags that
// say which sessions they are about and where those are.
package studio

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/examples/internal/demo"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

// Request is what the flags say.
type Request struct {
	// Live says that it is about the real service, and not about a fake.
	Live bool
	// From and To are the first and the last moment; zero without a flag, until
	// Complete.
	From, To time.Time

	url, region                 string
	status, agent, source, text string
	regionGiven                 bool // by its flag
	sessions                    int
}

// Flags adds the flags. open says until when a range lasts that has no -to.
func (r *Request) Flags(flags *flag.FlagSet, open string) {
	r.region = os.Getenv("VONAGE_AI_STUDIO_REGION")
	flags.BoolVar(&r.Live, "live", false, "ask the real service, with the key in the environment (VONAGE_AI_STUDIO_KEY)")
	flags.Func("region", "with -live: eu or us; without it, what VONAGE_AI_STUDIO_REGION says", func(text string) error {
		r.region, r.regionGiven = text, true
		return nil
	})
	flags.StringVar(&r.url, "url", "", "with -live: another address of the service, such as that of examples/sandbox")
	flags.IntVar(&r.sessions, "sessions", 600, "without -live: how many sessions the fake has")
	flags.Func("from", "the first day, such as 2024-01-01 (UTC), or moment; needed with -live", func(text string) error {
		first, _, err := period(text)
		r.From = first
		return err
	})
	flags.Func("to", "the last day (UTC) or moment, included, which must be over; without it, until "+open+", or without -live the last day of the fake", func(text string) error {
		_, last, err := period(text)
		r.To = last
		return err
	})
	for _, f := range [...]struct {
		name, usage string
		value       *string
	}{
		{"status", "only sessions with this status, such as ended", &r.status},
		{"agent", "only sessions of the agent with this id", &r.agent},
		{"source", "only sessions of the caller with this number, which has no plus as a rule", &r.source},
		{"text", "only sessions in which the caller said one of these words", &r.text},
	} {
		flags.Func(f.name, f.usage, func(text string) error {
			if text == "" { // such as a variable of the shell that is not set
				return errors.New("want something; an empty text would not narrow anything down")
			}
			*f.value = text
			return nil
		})
	}
}

// period is a day, or a moment.
func period(text string) (first, last time.Time, err error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC(), t.UTC(), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return first, last, errors.New("want a day such as 2024-01-01 or a moment such as 2024-01-01T09:30:00Z")
	}
	first, last = vonageinsights.Days(t, t)
	return first, last, nil
}

// CheckOver refuses a range that goes on, as it would do what consequence says.
func (r *Request) CheckOver(consequence string) error {
	if r.To.After(time.Now()) {
		return fmt.Errorf("-to must be a day or a moment that is over in UTC, as %s; leave it out to mean until now", consequence)
	}
	return nil
}

// Complete sets what has no flag, and says what is missing.
func (r *Request) Complete() error {
	if r.Live {
		return r.completeLive()
	}
	return r.completeFake()
}

func (r *Request) completeFake() error {
	switch {
	case r.url != "":
		return errors.New("-url needs -live")
	case r.regionGiven:
		return errors.New("-region needs -live")
	case r.sessions < 0:
		return errors.New("-sessions must be 0 at least")
	}
	from, to := demo.Years()
	if r.From.IsZero() {
		r.From = from
	}
	if r.To.IsZero() {
		if r.From.After(to) {
			return fmt.Errorf("-from %s is after the end of the range, %s; without -live the fake has sessions from %s until then",
				r.From.Format(time.RFC3339), to.Format(time.RFC3339), from.Format(time.DateOnly))
		}
		r.To = to
	}
	return nil
}

func (r *Request) completeLive() error {
	switch {
	case r.From.IsZero():
		return errors.New("-live needs -from")
	case os.Getenv("VONAGE_AI_STUDIO_KEY") == "":
		return errors.New("-live needs the key of the account: set VONAGE_AI_STUDIO_KEY in the environment")
	case r.region == "":
		return errors.New("-live needs the region of the agent: set -region, or VONAGE_AI_STUDIO_REGION in the environment, to eu or us")
	}
	if r.To.IsZero() {
		now := time.Now().UTC().Truncate(time.Microsecond)
		if r.From.After(now) {
			return fmt.Errorf("-from %s is in the future, and without -to the range ends now", r.From.Format(time.RFC3339))
		}
		r.To = now
	}
	return nil
}

// Query returns the query, whose filter is empty if no flag narrows it down.
func (r *Request) Query() vonageinsights.Query {
	var must []field.Clause
	for _, f := range [...]struct {
		value string
		is    func(string) field.Clause
	}{
		{r.status, field.Status.Is},
		{r.agent, field.AgentInformationID.Is},
		{r.source, field.Source.Is},
		{r.text, field.TranscriptionClient.Matches},
	} {
		if f.value != "" {
			must = append(must, f.is(f.value))
		}
	}
	return vonageinsights.Query{From: r.From, To: r.To, Filter: vonageinsights.Where(must...)}
}

// Unfiltered reports whether every session of the range is meant.
func (r *Request) Unfiltered() bool { return r.status+r.agent+r.source+r.text == "" }

// OfCaller narrows the request down to a caller.
func (r *Request) OfCaller(number string) { r.source = number }

// Service names the service that is asked, without any credential.
func (r *Request) Service() string {
	switch {
	case !r.Live:
		return fmt.Sprintf("fake of %d sessions", r.sessions)
	case r.url != "":
		return r.url
	default:
		return "region " + r.region
	}
}

// Advice is for whoever expected sessions where none matches, in sentences.
func (r *Request) Advice() string {
	advice := []string{fmt.Sprintf("Looked at: %s, from %s to %s.", r.Service(), r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))}
	if r.Live && r.url == "" {
		advice = append(advice, "The other region has sessions of its own.")
	}
	if strings.HasPrefix(r.source, "+") {
		advice = append(advice, "Numbers have no plus as a rule: try -source without it.")
	}
	return strings.Join(advice, " ")
}

// Client makes a client for the real service, or for a fake.
func (r *Request) Client(program string) (*vonageinsights.Client, error) {
	if !r.Live {
		return demo.StudioYears(r.sessions).Client(), nil
	}
	opts := []vonageinsights.Option{vonageinsights.WithUserAgent(program)}
	if r.url != "" {
		opts = append(opts, vonageinsights.WithBaseURL(r.url))
	}
	client, err := vonageinsights.NewClient(os.Getenv("VONAGE_AI_STUDIO_KEY"), vonageinsights.Region(r.region), opts...)
	if err != nil {
		return nil, fmt.Errorf("%w (see -region, VONAGE_AI_STUDIO_REGION and -url)", err)
	}
	return client, nil
}
