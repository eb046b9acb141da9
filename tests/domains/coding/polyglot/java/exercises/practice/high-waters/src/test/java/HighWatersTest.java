import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

public class HighWatersTest {
    @Test
    public void noHours() {
        assertThat(new HighWaters().count(new int[0])).isEqualTo(0);
    }

    @Disabled("Remove to run test")
    @Test
    @DisplayName("two waves")
    public void twoWaves() {
        assertThat(new HighWaters().count(new int[] {1, 4, 2, 5, 3})).isEqualTo(2);
    }

    @Disabled("Remove to run test")
    @Test
    public void stillWaterAtTheTop() {
        assertThat(new HighWaters().count(new int[] {1, 4, 4, 2})).isEqualTo(0);
    }
}
