package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/elastic/go-elasticsearch/v9/typedapi/esdsl"
	"github.com/olivere/elastic/v7"

	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
)

const byESDSL = "go-elasticsearch `esdsl`, `json.Marshal`"

// filterTables measure what it costs to ask: a filter of three clauses is built and
// encoded.
func filterTables(atLeast time.Duration) []table {
	speed := table{
		name:  "filter",
		title: "Building and encoding a filter of three clauses",
		about: "An exact text, words to search for, and a text that must not be.",
		unit:  nanoseconds(),
		variants: filtering(func(work func() error) (float64, error) {
			return timeOf(work, atLeast)
		}),
		targets: []target{{lossless, byESDSL, 20}},
	}
	count := table{
		name:     "filter-allocations",
		title:    "Allocations of building and encoding it",
		about:    "The same.",
		rounds:   2, // they hardly differ
		unit:     allocations(),
		variants: filtering(func(work func() error) (float64, error) { return allocationsOf(work, 1000) }),
		targets:  []target{{lossless, "", 3}},
	}
	return []table{speed, count}
}

// filtering are the ways to encode the filter, each of which has to show that it is
// the right one.
func filtering(measure gauge) []variant {
	var list []variant
	for _, way := range []struct {
		name   string
		encode func() ([]byte, error)
		want   string
	}{
		{byESDSL, encodeESDSL, `{"must":[{"term":{"agent_information.id":{"value":"1234567"}}},` +
			`{"match":{"transcription.client":{"query":"shut up"}}}],"must_not":[{"term":{"flow_data.collected_tags.tag":{"value":"invalid"}}}]}`},
		{"olivere/elastic `Source`, `json.Marshal`", encodeOlivere, `{"bool":{"must":[{"term":{"agent_information.id":"1234567"}},` +
			`{"match":{"transcription.client":{"query":"shut up"}}}],"must_not":{"term":{"flow_data.collected_tags.tag":"invalid"}}}}`},
		{lossless, encodeFilter, `{"must":[{"term":{"agent_information.id":"1234567"}},` +
			`{"match":{"transcription.client":"shut up"}}],"must_not":[{"term":{"flow_data.collected_tags.tag":"invalid"}}]}`},
	} {
		list = append(list, variant{way.name, func(context.Context, string) (float64, error) {
			if text, err := way.encode(); err != nil || string(text) != way.want {
				return 0, fmt.Errorf("encoded %s: %w", text, cmp.Or(err, errors.New("this is another filter")))
			}
			return measure(func() error {
				_, err := way.encode()
				return err
			})
		}})
	}
	return list
}

func encodeFilter() ([]byte, error) {
	return vonageinsights.
		Where(field.AgentInformationID.Is("1234567"), field.TranscriptionClient.Matches("shut up")).
		Not(field.FlowDataCollectedTagsTag.Is("invalid")).
		AppendText(nil)
}

func encodeESDSL() ([]byte, error) {
	return json.Marshal(esdsl.NewBoolQuery().
		Must(
			esdsl.NewTermQuery("agent_information.id", esdsl.NewFieldValue().String("1234567")),
			esdsl.NewMatchQuery("transcription.client", "shut up"),
		).
		MustNot(esdsl.NewTermQuery("flow_data.collected_tags.tag", esdsl.NewFieldValue().String("invalid"))).
		BoolQueryCaster())
}

func encodeOlivere() ([]byte, error) {
	source, err := elastic.NewBoolQuery().
		Must(
			elastic.NewTermQuery("agent_information.id", "1234567"),
			elastic.NewMatchQuery("transcription.client", "shut up"),
		).
		MustNot(elastic.NewTermQuery("flow_data.collected_tags.tag", "invalid")).
		Source()
	if err != nil {
		return nil, err
	}
	return json.Marshal(source)
}
