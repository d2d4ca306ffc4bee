//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// folderLock keeps a second server off a folder, which would ruin it.
type folderLock struct{ file *os.File }

// lockFolder makes the folder if there is none, and takes it until release, or
// until the program ends, however that comes.
func lockFolder(path string) (*folderLock, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // below the folder that the user names
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		_ = file.Close()
		return nil, fmt.Errorf("another process has its stream in %s: connect to that one with -nats, or choose another folder", path)
	}
	return &folderLock{file}, nil // other errors: a file system without locks
}

func (l *folderLock) release() { _ = l.file.Close() }
