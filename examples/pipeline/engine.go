package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// maxPayload is what the stream must take in one message: the largest event that a
// receiver lets in, and its headers. The default of a NATS server is 1 MiB.
const maxPayload = maxEventBytes + 64<<10

// patience is how long a server may take to start, and what is under way to end.
const patience = 15 * time.Second

// engineFlags say where the stream is: in this process, or elsewhere.
type engineFlags struct {
	url, user, password string // elsewhere
	store, listen       string // in this process

	makes    bool // the stream is made, and its settings are changed if need be
	settings streamSettings
}

func (e *engineFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&e.url, "nats", "", "where the stream is, such as nats://127.0.0.1:4222; several, divided by commas, for a cluster")
	flags.StringVar(&e.store, "store", "", "without -nats: folder of a stream in this process")
	flags.StringVar(&e.listen, "nats-listen", "127.0.0.1:4222", "with -store: address of this machine at which others reach the stream; none if empty")
	e.settings.add(flags)
}

// open connects to the stream, and starts the server before that if it is the one
// of this process.
func (e *engineFlags) open(ctx context.Context, log *slog.Logger) (*stream, error) {
	if (e.url == "") == (e.store == "") {
		return nil, errors.New("say where the stream is: -nats URL, or -store FOLDER for one in this process")
	}
	s := &stream{log: log}
	address := nats.Option(func(*nats.Options) error { return nil })
	if e.store != "" {
		var err error
		if s.engine, err = startEngine(ctx, e.store, e.listen, log); err != nil {
			return nil, err
		}
		address, e.makes = nats.InProcessServer(s.engine.server), true
	}
	err := s.connect(e, address)
	if err == nil && e.makes {
		err = e.settings.apply(ctx, s.js)
	}
	if err == nil {
		err = s.check(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stream) connect(e *engineFlags, address nats.Option) error {
	options := []nats.Option{
		address,
		nats.Name(programName),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		// Without a connection a receiver says at once that it has not got the event,
		// and keeps nothing back for later, which nobody would be told about.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				s.log.Warn("lost the connection to the stream", slog.Any("error", err))
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { s.log.Info("connected to the stream again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			s.log.Warn("an error of the connection to the stream", slog.Any("error", err))
		}),
	}
	if e.user != "" {
		options = append(options, nats.UserInfo(e.user, e.password))
	}
	if err := withoutPassword(e.url); err != nil {
		return err
	}
	var err error
	if s.conn, err = nats.Connect(e.url, options...); err != nil {
		return fmt.Errorf("-nats: cannot connect: %w", err)
	}
	s.js, err = jetstream.New(s.conn)
	return err
}

// withoutPassword refuses a password where everybody on the machine can read it.
func withoutPassword(addresses string) error {
	for address := range strings.SplitSeq(addresses, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil {
			return errors.New("-nats: want a URL such as nats://127.0.0.1:4222") // not the cause, which has the text
		}
		if u.User != nil {
			return errors.New("-nats: the URL must not hold a user or a password: set NATS_USER and NATS_PASSWORD in the environment")
		}
	}
	return nil
}

// engine is a NATS server inside of this process.
type engine struct {
	server *server.Server
	lock   *folderLock
}

// startEngine starts a server on a folder. As it knows no users, it listens on
// this machine alone.
func startEngine(ctx context.Context, store, listen string, log *slog.Logger) (*engine, error) {
	options := &server.Options{
		ServerName: programName,
		JetStream:  true,
		StoreDir:   store,
		SyncAlways: true, // what was confirmed is on the disk, not on its way there
		MaxPayload: maxPayload,
		NoSigs:     true,
		DontListen: listen == "",

		DisableJetStreamBanner: true,
	}
	if listen != "" {
		host, port, err := net.SplitHostPort(listen)
		number, notNumber := strconv.ParseUint(port, 10, 16)
		if ip := net.ParseIP(host); err != nil || notNumber != nil || ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("-nats-listen %s: want an address of this machine, such as 127.0.0.1:4222; "+
				"for other machines, run nats-server with users and TLS and use -nats", listen)
		}
		options.Host, options.Port = host, int(number)
		if number == 0 {
			options.Port = server.RANDOM_PORT
		}
	}
	lock, err := lockFolder(store)
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	s, err := server.NewServer(options)
	if err != nil {
		lock.release()
		return nil, fmt.Errorf("-store: %w", err)
	}
	e := &engine{s, lock}
	lines := &serverLog{log: log}
	s.SetLoggerV2(lines, false, false, false)
	go s.Start()
	for deadline := time.Now().Add(patience); !s.ReadyForConnections(100 * time.Millisecond); {
		if fatal := lines.fatal.Load(); fatal != nil || time.Now().After(deadline) || ctx.Err() != nil {
			e.stop()
			return nil, fmt.Errorf("-store: the stream did not start: %w", errors.Join(ctx.Err(), lines.failure()))
		}
	}
	return e, nil
}

func (e *engine) stop() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	e.lock.release()
}

// serverLog passes on what the server has to complain about.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Pointer[error]
}

func (l *serverLog) failure() error {
	if fatal := l.fatal.Load(); fatal != nil {
		return *fatal
	}
	return errors.New("it took too long")
}

func (l *serverLog) Fatalf(format string, v ...any) {
	err := fmt.Errorf(format, v...)
	l.fatal.Store(&err)
}

func (l *serverLog) Errorf(format string, v ...any) {
	l.log.Error("the server of the stream", slog.String("text", fmt.Sprintf(format, v...)))
}

func (l *serverLog) Warnf(format string, v ...any) {
	l.log.Warn("the server of the stream", slog.String("text", fmt.Sprintf(format, v...)))
}

func (*serverLog) Noticef(string, ...any) {}
func (*serverLog) Debugf(string, ...any)  {}
func (*serverLog) Tracef(string, ...any)  {}
