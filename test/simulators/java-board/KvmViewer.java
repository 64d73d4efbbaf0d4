import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.event.KeyEvent;
import java.awt.event.KeyListener;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.swing.JFrame;
import javax.swing.JPanel;

/**
 * The viewer of an old board. Arguments: host, port, token, `nio` or `io` for the kind of socket, and what a
 * board that was taken over wants to reach besides, `host/port` each. Every key and click is a line of JSON.
 */
public final class KvmViewer extends JPanel implements KeyListener {
  private static final int OPEN_MS = 3000;
  private final OutputStream out;
  private String typed = "";

  private KvmViewer(OutputStream out) {
    this.out = out;
    setPreferredSize(new Dimension(800, 500));
    setFocusable(true);
    addKeyListener(this);
    addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent event) {
            send("{\"type\":\"mousedown\",\"x\":" + event.getX() + ",\"y\":" + event.getY() + "}");
          }
        });
  }

  public static void main(String[] args) throws Exception {
    InetSocketAddress board = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
    Socket socket = args[3].equals("nio") ? SocketChannel.open(board).socket() : new Socket();
    if (!socket.isConnected()) socket.connect(board, OPEN_MS);
    OutputStream out = socket.getOutputStream();
    KvmViewer viewer = new KvmViewer(out);
    viewer.send(args[2]);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    if (!"welcome".equals(in.readLine())) System.exit(3);
    for (int at = 4; at < args.length; at += 1) viewer.tryReach(args[at]);
    JFrame frame = new JFrame("Java iKVM Viewer");
    frame.setDefaultCloseOperation(JFrame.EXIT_ON_CLOSE);
    frame.add(viewer);
    frame.pack();
    frame.setVisible(true);
    viewer.requestFocusInWindow();
    while (in.readLine() != null) {}
    System.exit(0);
  }

  private void tryReach(String place) {
    String[] parts = place.split("/");
    try (Socket other = new Socket()) {
      other.connect(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), OPEN_MS);
      send("{\"type\":\"reached\",\"key\":\"" + place + "\"}");
    } catch (IOException refused) {
      send("{\"type\":\"kept\",\"key\":\"" + place + "\"}");
    }
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    graphics.setColor(new Color(0, 128, 0));
    graphics.fillRect(0, 0, getWidth(), getHeight());
    graphics.setColor(Color.WHITE);
    graphics.setFont(new Font(Font.MONOSPACED, Font.PLAIN, 24));
    graphics.drawString(typed, 20, 40);
  }

  @Override
  public void keyPressed(KeyEvent event) {
    String key = KeyEvent.getKeyText(event.getKeyCode());
    if (event.getKeyChar() == KeyEvent.CHAR_UNDEFINED || event.isActionKey()) {
      send("{\"type\":\"keydown\",\"key\":\"" + key + "\",\"ctrlKey\":" + event.isControlDown() + "}");
    }
  }

  @Override
  public void keyReleased(KeyEvent event) {}

  @Override
  public void keyTyped(KeyEvent event) {
    char key = event.getKeyChar();
    if (key < ' ' || key == '"' || key == '\\') return;
    typed += key;
    repaint();
    send("{\"type\":\"keydown\",\"key\":\"" + key + "\"}");
  }

  private void send(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException gone) {
      System.exit(0);
    }
  }
}
