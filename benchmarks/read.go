package main

import (
	"net/http"

	"github.com/callinsights/callinsights-go/benchmarks/reading"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

// source is where answers come from: a fake, over connections of its own.
type source struct {
	*corpus

	url    string
	client *http.Client
}

func newSource(c *corpus, url string) source {
	return source{c, url, &http.Client{Transport: new(http.Transport)}}
}

func (s source) close() { s.client.CloseIdleConnections() }

// job reads all of the corpus in so many calls, with pages of a size.
func (c *corpus) job(way string, size, times int) reading.Job {
	span := c.query()
	return reading.Job{
		Way: way, Key: vonageinsightstest.APIKey, From: span.From, To: span.To,
		Size: size, Times: times, Sessions: c.Sessions / times,
	}
}
