package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

const testPassword = "a-password-of-the-cluster"

// cluster is three servers with the settings of nats.conf, on this machine.
type cluster struct {
	servers [3]*server.Server
	options [3]*server.Options
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	text, err := os.ReadFile("nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	c := new(cluster)
	var routes []*url.URL
	for i := range c.options {
		o := &server.Options{NoLog: true, NoSigs: true}
		name := fmt.Sprint("node-", i+1)
		if err := o.ProcessConfigString(fmt.Sprintf("NODE: %s\nNATS_PASSWORD: %s\n%s", name, testPassword, text)); err != nil {
			t.Fatal(err)
		}
		if o.ServerName != name || !o.SyncAlways || o.MaxPayload < maxPayload || len(o.Routes) != len(c.options) {
			t.Errorf("the file says %q, %t, %d, %v", o.ServerName, o.SyncAlways, o.MaxPayload, o.Routes)
		}
		// Nothing but where they are is other than in the file.
		o.Host, o.Port, o.StoreDir = "127.0.0.1", port(t), t.TempDir()
		o.Cluster.Host, o.Cluster.Port = "127.0.0.1", port(t)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", o.Cluster.Port)})
		c.options[i] = o
	}
	for i, o := range c.options {
		o.Routes = routes
		c.start(t, i)
	}
	t.Cleanup(func() {
		for i := range c.servers {
			c.stop(i)
		}
	})
	return c
}

func port(t *testing.T) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(freeAddress(t), "127.0.0.1:%d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	s, err := server.NewServer(c.options[i].Clone())
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	c.servers[i] = s
}

func (c *cluster) stop(i int) {
	c.servers[i].Shutdown()
	c.servers[i].WaitForShutdown()
}

// urls are what goes behind -nats.
func (c *cluster) urls() string {
	var all []string
	for _, o := range c.options {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", o.Port))
	}
	return strings.Join(all, ",")
}

// open connects as setup does, as soon as the cluster has found together.
func (c *cluster) open(t *testing.T, settings streamSettings) *stream {
	t.Helper()
	e := engineFlags{url: c.urls(), user: "pipeline", password: testPassword, makes: true, settings: settings}
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	for {
		// Nobody answers before there is a leader.
		attempt, enough := context.WithTimeout(ctx, 2*time.Second)
		s, err := e.open(attempt, quiet())
		enough()
		if err == nil {
			t.Cleanup(s.close)
			return s
		}
		if !pause(ctx, 100*time.Millisecond) {
			t.Fatal("the cluster does not get ready: ", err)
		}
	}
}

// TestCluster: with three servers and three replicas, any one of them may stop, and
// all goes on: the one that leads, and then another.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	settings := defaultSettings()
	settings.replicas, settings.ackWait = 3, 2*time.Second
	s := c.open(t, settings)
	w := newWorld(size{meetings: 30, calls: 20, notices: 10, sessions: 200}, testSecrets())
	r := newRig(t, c.open(t, settings))
	r.ringSense, r.vonage = w.ringSense.Client(), w.studio.Client()
	address := serve(t, s)
	for _, query := range w.exports {
		jobs, err := split(query, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		if added, err := s.putJobs(t.Context(), jobs); err != nil || added != len(jobs) {
			t.Fatalf("%d jobs were added, %v", added, err)
		}
	}
	sent := make(chan error, 1)
	go func() {
		_, err := w.sendAll(t.Context(), rand.New(rand.NewPCG(3, 11)), twice, func() string {
			pause(t.Context(), rand.N(100*time.Millisecond))
			return address
		})
		sent <- err
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	worked := make(chan error, 1)
	go func() { worked <- r.work(ctx) }()
	first := c.leader(t, s)
	for _, victim := range []int{first, (first + 1) % len(c.servers)} {
		c.stop(victim)
		pause(t.Context(), 300*time.Millisecond)
		c.start(t, victim)
		c.healthy(t, s)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	patient, enough := context.WithTimeout(t.Context(), 40*time.Second)
	defer enough()
	if err := s.drained(patient); err != nil {
		t.Error("the stream does not get empty: ", err)
	}
	cancel()
	if err := <-worked; err != nil {
		t.Error(err)
	}
	want := counts{events: 120, ringSense: 60, whippy: 20, vonage: 210, jobs: 6, exported: 200}
	if got := r.count(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// leader is the server that the stream is led by.
func (c *cluster) leader(t *testing.T, s *stream) int {
	t.Helper()
	calls, err := s.js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range c.options {
		if o.ServerName == calls.CachedInfo().Cluster.Leader {
			return i
		}
	}
	t.Fatal("the stream has no leader")
	return 0
}

// healthy waits until all three servers have what the stream has, as one does before
// the next one is stopped.
func (c *cluster) healthy(t *testing.T, s *stream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	for {
		calls, err := s.js.Stream(t.Context(), streamName)
		if err == nil && inStep(calls.CachedInfo().Cluster) {
			return
		}
		if !pause(ctx, 50*time.Millisecond) {
			if err != nil {
				t.Fatal("the servers do not get in step: ", err)
			}
			info := calls.CachedInfo().Cluster
			for _, replica := range info.Replicas {
				t.Logf("%s follows %s: %+v", replica.Name, info.Leader, *replica)
			}
			t.Fatal("the servers do not get in step")
		}
	}
}

func inStep(info *jetstream.ClusterInfo) bool {
	if info == nil || info.Leader == "" || len(info.Replicas) != 2 {
		return false
	}
	for _, replica := range info.Replicas {
		if !replica.Current || replica.Offline {
			return false
		}
	}
	return true
}

// TestWrongPassword: the cluster lets nobody in, and the error shows no password.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	e := engineFlags{url: c.urls(), user: "pipeline", password: "a-wrong-password"}
	_, err := e.open(t.Context(), quiet())
	if err == nil || !strings.Contains(err.Error(), "-nats: cannot connect") || strings.Contains(err.Error(), e.password) {
		t.Errorf("got %v", err)
	}
}
