package ringsensetest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/ringsense"
)

// accessRoute looks for
// /restapi/v1.0/account/{account}/extension/{extension}/authz-profile/check.
func accessRoute(path string) (route, bool) {
	rest, ok := strings.CutPrefix(path, "/restapi/v1.0/account/")
	parts := strings.Split(rest, "/") // as above, without its beginning
	if !ok || len(parts) != 5 || parts[1] != "extension" || parts[3] != "authz-profile" || parts[4] != "check" ||
		slices.ContainsFunc([]string{parts[0], parts[2]}, func(id string) bool { return strings.EqualFold(id, "%7E") }) {
		return route{}, false
	}
	return route{op: opAccess, account: unescape(parts[0]), id: unescape(parts[2])}, true
}

// serveAccess answers whether the user has a permission: with success and
// details, or with 200 as well and no success
// (developers.ringcentral.com/api-reference, authz-profile/check). What it says
// to a permission that it does not know is a guess, and so is the role.
func (s *Server) serveAccess(w http.ResponseWriter, r *http.Request, route route) {
	if refused := s.tokenRefusal(r); refused != nil {
		refused.write(w)
		return
	}
	if route.account != "~" && route.account != AccountID {
		otherAccount().write(w)
		return
	}
	id := r.URL.Query().Get("permissionId")
	granted, known := s.permission(id)
	if !known {
		badParameter("permissionId").write(w)
		return
	}
	account := origin(r) + "/restapi/v1.0/account/" + AccountID
	answer := ringsense.PermissionCheck{
		URI:        account + "/extension/" + ExtensionID + "/authz-profile/check?permissionId=" + id,
		Successful: &granted,
	}
	if granted {
		answer.Details = &ringsense.PermissionDetails{
			Permission: ringsense.Permission{
				URI: origin(r) + "/restapi/v1.0/dictionary/permission/" + id, ID: id,
				SiteCompatible: "Incompatible", ReadOnly: true, Assignable: true,
			},
			EffectiveRole: ringsense.EffectiveRole{URI: account + "/user-role/1", ID: "1"},
			Scopes:        s.permissionScopes(),
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

// SetPermissionScopes says for whom the user's permissions are: "Account", as at
// first, or others such as "Self". Nothing but the answers about permissions
// depends on it.
func (s *Server) SetPermissionScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.permitted = slices.Clone(scopes)
}

func (s *Server) permissionScopes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.permitted)
}

// permission reports whether the user has a permission, and whether the fake knows
// it.
func (s *Server) permission(id string) (granted, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch id {
	case "ReadRingSenseInsights":
		return !s.noPermission, true
	case "FullCompanyCallLog":
		return !s.callLog.noCompany, true
	case "ReadCompanyCallRecording", "ReadCallLog":
		return true, true
	}
	return false, false
}
