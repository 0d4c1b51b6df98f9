import jakarta.servlet.http.*;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.*;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** A servlet container that nobody told of what stands before it: `java Backend FOLDER ROUTE`. */
public class Backend {
    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[0]);
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getEngine().setJvmRoute(arguments[1]);
        Context context = tomcat.addContext("", arguments[0]);
        Tomcat.addServlet(context, "visits", new Visits(arguments[1])).addMapping("/");
        tomcat.start();
        System.out.println("listening on http://127.0.0.1:" + tomcat.getConnector().getLocalPort());
        tomcat.getServer().await();
    }

    /** Counts the visits of a session, and says what it saw; as lines of `name=value`. */
    static class Visits extends HttpServlet {
        private final String route;

        Visits(String route) {
            this.route = route;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            boolean joined = request.isRequestedSessionIdValid();
            boolean fromUrl = request.isRequestedSessionIdFromURL();
            HttpSession session = request.getSession(!request.getServletPath().equals("/look"));
            if (session != null && request.getServletPath().equals("/renew")) request.changeSessionId();
            if (session != null && request.getServletPath().equals("/out")) session.invalidate();
            else if (session != null) {
                Integer before = (Integer) session.getAttribute("visits");
                session.setAttribute("visits", before == null ? 1 : before + 1);
            }
            List<String> names = new ArrayList<>();
            for (Cookie cookie : request.getCookies() == null ? new Cookie[0] : request.getCookies()) {
                names.add(cookie.getName());
            }
            boolean live = session != null && !request.getServletPath().equals("/out");
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().printf("route=%s%nvisits=%s%nsession=%s%njoined=%s%nurl=%s%ncookies=%s%nheader=%s%npath=%s%nlink=%s%n", route,
                live ? session.getAttribute("visits") : "", live ? hash(session.getId()) : "", joined, fromUrl,
                String.join(",", names), header(request), request.getServletPath(), response.encodeURL("/next"));
        }

        /** The `Cookie` fields as they came. */
        private static String header(HttpServletRequest request) {
            return String.join(" ## ", Collections.list(request.getHeaders("Cookie")));
        }

        private static String hash(String id) {
            try {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(id.getBytes()));
            } catch (java.security.NoSuchAlgorithmException error) {
                throw new IllegalStateException(error);
            }
        }
    }
}
