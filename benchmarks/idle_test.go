package main

import (
	"strings"
	"testing"
)

// TestIdleTables builds the programs.
func TestIdleTables(t *testing.T) {
	t.Parallel()
	chosen := idleTables()
	var report strings.Builder
	if err := runReport(t, chosen, &report); err != nil {
		t.Fatal(err)
	}
	checkRows(t, chosen, report.String())
}

func TestProgramSizeRefuses(t *testing.T) {
	t.Parallel()
	_, err := programSize(t.Context(), []string{"example.com/missing"}, "")
	if err == nil || !strings.Contains(err.Error(), "example.com/missing") {
		t.Errorf("err = %v, want the package in it", err)
	}
}
