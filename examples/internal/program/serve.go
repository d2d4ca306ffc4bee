package program

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers requests until ctx ends or the server fails. Then it takes none any
// more, lets those that are under way end, and calls end, all within patience.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger, patience time.Duration, end func(context.Context) error) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second, // handlers of events shorten it
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	down := server.Shutdown(ending)
	if down != nil {
		_ = server.Close()
	}
	return errors.Join(err, down, end(ending))
}
